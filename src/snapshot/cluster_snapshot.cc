#include "snapshot/cluster_snapshot.h"

namespace backlogd::snapshot {

std::string_view ToText(Step step) {
  switch (step) {
    case Step::kMetadata: return "metadata";
    case Step::kListGroups: return "list_groups";
    case Step::kLogStartOffsets: return "log_start_offsets";
    case Step::kCommittedOffsets: return "committed_offsets";
    case Step::kLastStableOffsets: return "last_stable_offsets";
    case Step::kLogEndOffsets: return "log_end_offsets";
    case Step::kDescribeGroups: return "describe_groups";
    case Step::kDescribeTopics: return "describe_topics";
    case Step::kTopicConfigs: return "topic_configs";
    case Step::kOffsetsForTimes: return "offsets_for_times";
    case Step::kReadDeadLetters: return "read_dead_letters";
  }
  return "unknown";
}

}  // namespace backlogd::snapshot
