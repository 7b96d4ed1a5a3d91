#pragma once

#include <optional>
#include <string_view>

#include "analysis/cause.h"
#include "analysis/status.h"

// All that the pages say, in both languages side by side.
namespace backlogd::status {

enum class Language { kEnglish, kChinese };

// `asked` ("en" or "zh") decides if it is one of them; else the language that the header
// Accept-Language likes best; else English.
Language ChooseLanguage(std::optional<std::string_view> asked, std::string_view accept_language);

struct Phrase {
  std::string_view en;
  std::string_view zh;

  std::string_view In(Language language) const { return language == Language::kChinese ? zh : en; }
};

// "Falling behind"; of an absent one: "Not known yet".
const Phrase& NameOf(const std::optional<analysis::Status>& status);
// What it means, in a sentence.
const Phrase& MeaningOf(const std::optional<analysis::Status>& status);

struct CauseWords {
  Phrase name;     // "The brokers"
  Phrase meaning;  // what was found
  Phrase advice;   // what to do first
};
const CauseWords& WordsOf(analysis::Cause cause);

namespace words {

inline constexpr Phrase kSkip{"Skip to the content", "跳到正文"};
inline constexpr Phrase kLanguage{"Language", "语言"};
inline constexpr Phrase kPages{"Pages", "页面"};
inline constexpr Phrase kGroups{"Consumer groups", "消费组"};
inline constexpr Phrase kTopics{"Topics", "主题"};
inline constexpr Phrase kDeadLetters{"Dead letters", "死信"};
inline constexpr Phrase kDaemon{"Daemon", "守护进程"};
inline constexpr Phrase kMetrics{"Metrics", "指标"};
inline constexpr Phrase kClusters{"Clusters", "集群"};
inline constexpr Phrase kCluster{"Cluster", "集群"};
inline constexpr Phrase kGroup{"Group", "消费组"};
inline constexpr Phrase kTopic{"Topic", "主题"};
inline constexpr Phrase kPartition{"Partition", "分区"};
inline constexpr Phrase kPartitions{"Partitions", "分区"};
inline constexpr Phrase kStatus{"Status", "状态"};
inline constexpr Phrase kDelay{"Delay", "延迟"};
inline constexpr Phrase kLag{"Lag", "积压"};
inline constexpr Phrase kLagRecords{"Lag, records", "积压（条）"};
inline constexpr Phrase kLastHour{"Delay, last hour", "近一小时延迟"};
inline constexpr Phrase kCauseAndAdvice{"Cause and advice", "原因与建议"};
inline constexpr Phrase kCause{"Cause", "原因"};
inline constexpr Phrase kAdvice{"What to do", "怎么办"};
inline constexpr Phrase kLateSince{"Unread since", "未读起始时间"};
inline constexpr Phrase kMembers{"Members", "成员"};
inline constexpr Phrase kNeeded{"Members needed", "所需成员"};
inline constexpr Phrase kDrain{"Drained in", "预计清空"};
inline constexpr Phrase kHeadroom{"Until data loss", "距数据丢失"};
inline constexpr Phrase kInflow{"Produced, records/s", "生产（条/秒）"};
inline constexpr Phrase kConsumption{"Consumed, records/s", "消费（条/秒）"};
inline constexpr Phrase kNormally{"normally", "平时"};
inline constexpr Phrase kCapacity{"Capacity of a member, records/s", "单个成员能力（条/秒）"};
inline constexpr Phrase kLastCommit{"Last commit", "最近提交"};
inline constexpr Phrase kState{"Kafka's state", "Kafka 状态"};
inline constexpr Phrase kUnknownPartitions{"Partitions not known", "未知分区"};
inline constexpr Phrase kCommitted{"Committed", "已提交"};
inline constexpr Phrase kLogEnd{"Log end", "日志末尾"};
inline constexpr Phrase kLost{"Records lost", "丢失（条）"};
inline constexpr Phrase kConsumed{"Consumed, records", "已消费（条）"};
inline constexpr Phrase kRetained{"Retained, records", "保留（条）"};
inline constexpr Phrase kRetention{"Retention", "保留时间"};
inline constexpr Phrase kReaders{"Groups", "消费组"};
inline constexpr Phrase kNoLeader{"Without leader", "无首领"};
inline constexpr Phrase kUnderReplicated{"Under-replicated", "副本不足"};
inline constexpr Phrase kSource{"Source", "来源主题"};
inline constexpr Phrase kPending{"Pending, records", "待处理（条）"};
inline constexpr Phrase kHandlers{"Handled by", "处理者"};
inline constexpr Phrase kNobody{"nobody", "无人"};
inline constexpr Phrase kOldest{"Oldest", "最旧"};
inline constexpr Phrase kExpired{"Expired unhandled", "未处理已过期"};
inline constexpr Phrase kReasons{"Reasons", "原因"};
inline constexpr Phrase kReachable{"Up", "正常"};
inline constexpr Phrase kNotReachable{"Not up", "异常"};
inline constexpr Phrase kWaiting{"First poll under way", "首次轮询中"};
inline constexpr Phrase kPolled{"Polled", "轮询于"};
inline constexpr Phrase kPollTook{"Poll took", "轮询耗时"};
inline constexpr Phrase kBrokers{"Brokers", "节点"};
inline constexpr Phrase kNoData{"No data since", "自此时起无数据："};
inline constexpr Phrase kNoDataYet{"No data yet", "尚无数据"};
inline constexpr Phrase kAgo{"ago", "前"};
inline constexpr Phrase kNow{"now", "现在"};
inline constexpr Phrase kAtMost{"at most", "最高"};
inline constexpr Phrase kNotKnown{"not known", "未知"};
inline constexpr Phrase kSearch{"Search", "搜索"};
inline constexpr Phrase kAll{"all", "全部"};
inline constexpr Phrase kSortBy{"Sort by", "排序"};
inline constexpr Phrase kWorstFirst{"worst first", "最差优先"};
inline constexpr Phrase kName{"name", "名称"};
inline constexpr Phrase kShow{"Show", "显示"};
inline constexpr Phrase kClear{"Clear", "清除"};
inline constexpr Phrase kPrevious{"Previous", "上一页"};
inline constexpr Phrase kNext{"Next", "下一页"};
inline constexpr Phrase kOf{"of", "/"};
inline constexpr Phrase kNothing{"Nothing to show.", "没有内容。"};
inline constexpr Phrase kNothingKnown{"Nothing is known yet.", "尚无数据，无法显示。"};
inline constexpr Phrase kNoName{"(empty name)", "（空名称）"};
inline constexpr Phrase kNothingFits{"Nothing fits these filters.", "没有符合条件的内容。"};
inline constexpr Phrase kNoGroup{"There is no such group now.", "目前没有这个消费组。"};
inline constexpr Phrase kAllOf{"Show all", "查看全部"};
inline constexpr Phrase kVersion{"Version", "版本"};
inline constexpr Phrase kRunning{"Running for", "已运行"};
inline constexpr Phrase kMemory{"Memory", "内存"};
inline constexpr Phrase kCpu{"CPU time", "CPU 时间"};
inline constexpr Phrase kStep{"Step", "步骤"};
inline constexpr Phrase kDuration{"Duration", "耗时"};
inline constexpr Phrase kResult{"Result", "结果"};
inline constexpr Phrase kSucceeded{"succeeded", "成功"};
inline constexpr Phrase kFailed{"failed", "失败"};
inline constexpr Phrase kSkipped{"not tried", "未执行"};
inline constexpr Phrase kFailures{"Failures of the last poll", "上次轮询的失败"};
inline constexpr Phrase kReason{"Reason", "原因"};
inline constexpr Phrase kCount{"Count", "次数"};
inline constexpr Phrase kExample{"Example", "示例"};
inline constexpr Phrase kLastPoll{"Last poll", "上次轮询"};
inline constexpr Phrase kRecordsLagging{"records lagging", "条积压"};
inline constexpr Phrase kTheseGroups{"groups", "个消费组"};
inline constexpr Phrase kFooter{
    "This page asks Kafka nothing: it shows the last poll, and loads anew "
    "every 30 seconds.",
    "本页不访问 Kafka，只显示最近一次轮询的结果；每 30 秒自动刷新。"};

}  // namespace words
}  // namespace backlogd::status
