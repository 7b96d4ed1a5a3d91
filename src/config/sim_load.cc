#include <algorithm>
#include <set>
#include <utility>

#include "config/load.h"
#include "config/properties.h"
#include "config/reader.h"
#include "config/sim_schema.h"
#include "config/source.h"

namespace backlogd::config {
namespace {

// What the command line says stands in no line of a file.
constexpr Position kNoPosition = {0, 0};

YamlNode ToNode(const std::string& text, bool is_list) {
  YamlNode node;
  node.at = kNoPosition;
  node.kind = is_list ? YamlNode::Kind::kList : YamlNode::Kind::kText;
  if (!is_list) {
    node.text = text;
    return node;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    node.items.push_back(ToNode(text.substr(begin, end - begin), false));
    begin = end + 1;
  }
  return node;
}

// The value of `key` in a map; made if it has none.
YamlNode& ValueOf(YamlNode& map, const std::string& key) {
  const auto entry = std::find_if(map.entries.begin(), map.entries.end(),
                                  [&](const YamlEntry& e) { return e.key == key; });
  if (entry != map.entries.end()) return entry->value;
  map.entries.push_back({key, kNoPosition, YamlNode()});
  return map.entries.back().value;
}

// Leaves what is no map where one is expected to the reader, which says so.
void Put(YamlNode& root, const std::string& key, YamlNode value) {
  YamlNode* node = &root;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    if (node->kind == YamlNode::Kind::kNull) node->kind = YamlNode::Kind::kMap;
    node = &ValueOf(*node, key.substr(begin, dot - begin));
    begin = dot + 1;
  }
  if (node->kind == YamlNode::Kind::kNull) node->kind = YamlNode::Kind::kMap;
  ValueOf(*node, key.substr(begin)) = std::move(value);
}

// Notes which keys are lists of texts.
class ListFinder : public Visitor {
 public:
  const std::set<std::string, std::less<>>& lists() const { return lists_; }

  void Text(std::string_view, std::string&) override {}
  void Texts(std::string_view key, std::vector<std::string>&) override {
    lists_.insert(Join(path_, key));
  }
  void TextMap(std::string_view, std::map<std::string, std::string>&) override {}
  void Flag(std::string_view, bool&) override {}
  void Number(std::string_view, std::int64_t&) override {}
  void Real(std::string_view, double&) override {}
  void ByteSize(std::string_view, std::int64_t&) override {}
  void Duration(std::string_view, std::chrono::milliseconds&) override {}
  void Choice(std::string_view, std::span<const std::string_view>, std::size_t&) override {}
  void BeginMap(std::string_view key) override { path_ = Join(path_, key); }
  void EndMap() override { path_.resize(path_.find('.') == path_.npos ? 0 : path_.rfind('.')); }
  std::size_t BeginList(std::string_view, std::size_t size) override { return size; }
  void BeginItem(std::size_t) override {}
  void EndItem() override {}
  void EndList() override {}

 private:
  std::string path_;
  std::set<std::string, std::less<>> lists_;
};

void Apply(const Overrides& overrides, YamlNode& root) {
  ListFinder finder;
  Sim sim;
  Visit(finder, sim);
  for (const auto& [key, text] : overrides) {
    Put(root, key, ToNode(text, finder.lists().contains(key)));
  }
}

bool IsOverride(const Complaint& complaint, const Positions& positions) {
  if (complaint.at) return complaint.at->line == 0;
  const auto at = FindPosition(complaint.key, positions);
  return at && at->line == 0;
}

Sim ReadText(std::string_view yaml, std::string_view origin, const Overrides& overrides,
             const std::optional<std::filesystem::path>& folder) {
  Sim sim;
  Positions positions;
  try {
    YamlNode root = ParseYaml(yaml);
    Apply(overrides, root);
    positions = Read(root, [&sim](Visitor& visitor) { Visit(visitor, sim); });
    CheckValues(sim);
    RefusePropertiesGivenTwice(sim.cluster, "kafka");
    if (folder) Resolve(sim.cluster, "kafka", *folder);
  } catch (const Complaint& complaint) {
    if (IsOverride(complaint, positions)) throw ToError(complaint);
    throw ToError(complaint, origin, positions);
  }
  return sim;
}

}  // namespace

Sim LoadSim(const std::optional<std::filesystem::path>& file, const Overrides& overrides) {
  if (!file) return ReadText("", "", overrides, std::nullopt);
  std::string content;
  try {
    content = ReadContent(*file);
  } catch (const Complaint& complaint) {
    throw ToError(complaint, file->string(), {});
  }
  return ReadText(content, file->string(), overrides, file->parent_path());
}

Sim ParseSim(std::string_view yaml, std::string_view origin, const Overrides& overrides) {
  return ReadText(yaml, origin, overrides, std::nullopt);
}

std::string DumpSim(const Sim& sim) {
  Sim shown = sim;
  HideSecrets(shown.cluster);
  return ToYaml([&shown](Visitor& visitor) { Visit(visitor, shown); });
}

}  // namespace backlogd::config
