#include "status/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <string>

namespace backlogd::status {
namespace {

struct StatusWords {
  Phrase name;
  Phrase meaning;
};

// By Status; the last is of those that are not known.
constexpr std::array<StatusWords, analysis::kStatusCount + 1> kStatuses = {{
    {{"On time", "正常"},
     {"It reads what is written, or has nothing to read.", "能及时读取，或没有要读的记录。"}},
    {{"Catching up", "正在追赶"}, {"It has a backlog, which shrinks.", "有积压，正在减少。"}},
    {{"Falling behind", "落后"},
     {"Its backlog grows, or stays and is old.", "积压在增长，或长时间不减少。"}},
    {{"Rewound", "已回退"},
     {"Its offsets were set back: it reads again what it had read.",
      "位移被重置到更早处，正在重读已读过的记录。"}},
    {{"Not committing", "未提交"},
     {"It reads partitions and has never committed there.", "正在读取分区，但从未提交位移。"}},
    {{"Stalled", "停滞"},
     {"Records wait and its position does not move.", "有记录等待，但消费位置不动。"}},
    {{"Stopped", "已停止"},
     {"Records wait and no member reads them.", "有记录等待，但没有成员读取。"}},
    {{"Losing data", "正在丢数据"},
     {"Records are deleted before it has read them.", "记录在被读取之前就被删除。"}},
    {{"Not known yet", "尚不清楚"},
     {"There is too little history to judge it, or a part of it could not be read.",
      "历史太短无法判断，或部分数据读取失败。"}},
}};

// By Cause.
constexpr std::array<CauseWords, analysis::kCauseCount> kCauses = {{
    {{"Brokers", "节点问题"},
     {"A broker has no leader for a partition, lost replicas, is slow or throttles.",
      "有分区没有首领、副本缺失，或节点响应慢、被限流。"},
     {"Mend the broker first; more consumers do not help.", "先修复节点；增加消费者没有用。"}},
    {{"Consumer stopped", "消费者停止"},
     {"In some partition nobody reads, or the reader does not get on.",
      "有分区无人读取，或读取者停滞不前。"},
     {"Start the consumer; if it runs, look in its log for the record that it hangs at.",
      "启动消费者；若已在运行，从它的日志里找出卡住的记录。"}},
    {{"Skew", "数据倾斜"},
     {"A few partitions get most of the records.", "少数分区收到大部分记录。"},
     {"Spread the hot key over more partitions; more members do not help.",
      "把热点键分散到更多分区；增加成员没有用。"}},
    {{"Producer surge", "生产突增"},
     {"Far more is written than in normal times.", "写入量远高于平时。"},
     {"Wait if it will pass in time; else throttle producers or add members.",
      "若能及时过去就等待；否则限制生产者或增加成员。"}},
    {{"Consumer slowdown", "消费变慢"},
     {"Less is read than in normal times.", "读取量低于平时。"},
     {"Look at what the consumer waits for: its database, the services it calls, its last release.",
      "检查消费者在等什么：数据库、下游服务、最近一次发布。"}},
    {{"Too few partitions", "分区太少"},
     {"Every partition has a member of its own, and that is not enough.",
      "每个分区都有自己的成员，仍然不够。"},
     {"Make the members faster, or add partitions and then members.",
      "提高成员的处理速度，或先增加分区再增加成员。"}},
    {{"Too few members", "成员太少"},
     {"The members read all they can, and that is not enough.", "成员已尽力读取，仍然不够。"},
     {"Add members, up to the number of partitions.", "增加成员，最多到分区数。"}},
    {{"Cause not clear", "原因不明"},
     {"None of the known causes shows.", "没有发现已知的原因。"},
     {"Compare what is written with what is read, and look in the consumer's log.",
      "对比写入与读取速率，并查看消费者日志。"}},
}};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

// The weight of "zh-CN;q=0.8", 0 if it is no weight.
double WeightOf(std::string_view range) {
  const std::size_t semicolon = range.find(';');
  if (semicolon == std::string_view::npos) return 1;
  const std::string_view parameter = Trim(range.substr(semicolon + 1));
  if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return 1;
  double weight = 0;
  const std::string_view digits = parameter.substr(2);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), weight);
  const bool valid = error == std::errc() && end == digits.data() + digits.size();
  return valid && weight >= 0 && weight <= 1 ? weight : 0;
}

// "zh" of "ZH-hans-CN;q=1".
std::string PrimaryTag(std::string_view range) {
  std::string tag;
  for (const char c : Trim(range.substr(0, range.find_first_of(";-")))) {
    tag += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return tag;
}

}  // namespace

Language ChooseLanguage(std::optional<std::string_view> asked, std::string_view accept_language) {
  if (asked == "zh") return Language::kChinese;
  if (asked == "en") return Language::kEnglish;
  Language best = Language::kEnglish;
  double best_weight = 0;
  while (!accept_language.empty()) {
    const std::string_view range = accept_language.substr(0, accept_language.find(','));
    accept_language.remove_prefix(std::min(range.size() + 1, accept_language.size()));
    const std::string tag = PrimaryTag(range);
    const double weight = WeightOf(range);
    if ((tag != "en" && tag != "zh" && tag != "*") || weight <= best_weight) continue;
    best = tag == "zh" ? Language::kChinese : Language::kEnglish;
    best_weight = weight;
  }
  return best;
}

namespace {

const StatusWords& WordsOf(const std::optional<analysis::Status>& status) {
  return kStatuses.at(status ? static_cast<std::size_t>(*status) : analysis::kStatusCount);
}

}  // namespace

const Phrase& NameOf(const std::optional<analysis::Status>& status) { return WordsOf(status).name; }

const Phrase& MeaningOf(const std::optional<analysis::Status>& status) {
  return WordsOf(status).meaning;
}

const CauseWords& WordsOf(analysis::Cause cause) {
  return kCauses.at(static_cast<std::size_t>(cause));
}

}  // namespace backlogd::status
