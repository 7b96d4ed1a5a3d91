#include <ostream>

#include "dlq/carry_out.h"
#include "dlq/commands.h"
#include "dlq/export_treatment.h"
#include "dlq/failure.h"

namespace backlogd::dlq {
namespace {

// All that is handled goes, whoever handled it: logs are only cut at their start.
void DeleteHandled(Session& session, const Queue& queue, kafka::RecordWriter& writer,
                   const HandlingResult& result) {
  std::vector<kafka::GroupCommit> cuts;
  for (std::size_t i = 0; i < queue.partitions.size(); ++i) {
    const QueuePartition& partition = queue.partitions[i];
    if (!HasPartition(session.flags().filters, partition.at.partition)) continue;
    if (result.progress[i].next <= partition.start) continue;
    cuts.push_back({{partition.at.topic, partition.at.partition}, result.progress[i].next, ""});
  }
  if (cuts.empty()) return;
  const auto errors = writer.DeleteRecordsBefore(cuts, session.Soon());
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (!errors[i]) continue;
    throw Failure(queue.topic + "/" + std::to_string(cuts[i].partition.partition) +
                  ": the records are noted as handled, but not deleted: " + errors[i]->message +
                  "; the same command deletes them when that is mended");
  }
}

}  // namespace

int RunDiscard(Session& session) {
  const Flags& flags = session.flags();
  const bool deletes = flags.discard_by == Flags::DiscardBy::kDeleteRecords;
  const auto queue = session.Open(true);
  DemandConsent(session);
  std::unique_ptr<Export> copy;
  if (!flags.dry_run && !flags.file.empty()) copy = OpenExportFile(flags.file);
  ExportTreatment treatment(deadletters::Action::kDiscarded, copy.get(),
                            {{"discarded_because", flags.reason_for_discarding}});
  Order order{.treatment = &treatment,
              .options = OptionsOf(flags),
              .question =
                  [&](const HandlingResult& rehearsal) {
                    const std::string kept = flags.file.empty()
                                                 ? "without a copy"
                                                 : "a copy goes to " + flags.file.string();
                    return "Discard " + CountOf(rehearsal.handled, *queue) + " (" + kept + ")" +
                           (deletes ? ", and delete all that is handled from Kafka?" : "?");
                  },
              .facts = {{"because", flags.reason_for_discarding}}};
  if (!flags.file.empty()) order.facts.emplace_back("copy", flags.file.string());
  if (deletes) {
    order.then = [&](kafka::RecordWriter& writer, const HandlingResult& result) {
      DeleteHandled(session, *queue, writer, result);
    };
  }
  return CarryOut(session, *queue, order);
}

}  // namespace backlogd::dlq
