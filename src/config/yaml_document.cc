#include "config/yaml_document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "base/text.h"

namespace backlogd::config {
namespace {

constexpr std::size_t kMaxDepth = 16;       // no key needs more than 6
constexpr std::size_t kMaxValues = 20'000;  // a pattern for each of thousands of topics
constexpr int kMaxBracketsOnALine = 200;

// The parser counts from 0.
Position ToPosition(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

[[noreturn]] void Refuse(std::optional<Position> at, std::string key, std::string what) {
  throw Complaint{at, std::move(key), std::move(what)};
}

// Builds the tree from the parser's events and refuses what we do not want as soon as it appears.
// The parser's own tree would follow aliases into cycles and keep the second of two equal keys.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      Refuse(ToPosition(mark), "", "a second document begins here; remove it and the \"---\"");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckAnchor(mark, anchor);
    Add({YamlNode::Kind::kNull, ToPosition(mark), {}, {}, {}});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { RefuseReference(mark); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckAnchor(mark, anchor);
    CheckTag(mark, tag);
    Add({YamlNode::Kind::kText, ToPosition(mark), value, {}, {}});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

  [[noreturn]] static void RefuseReference(const YAML::Mark& mark) {
    Refuse(ToPosition(mark), "",
           "anchors and aliases are not supported; write the value out, and quote a text that "
           "begins with & or *");
  }

 private:
  // A list or map whose end has not come yet.
  struct OpenNode {
    YamlNode node;
    std::string path;
    std::set<std::string> keys;  // of a map
    bool has_key = false;        // of a map: the last entry waits for its value
  };

  static void CheckAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) RefuseReference(mark);
  }

  // The parser says "?" for a plain and "!" for a quoted text.
  static void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    Refuse(ToPosition(mark), "",
           "tags are not supported; remove it, and quote a text that begins with !");
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    CheckAnchor(mark, anchor);
    CheckTag(mark, tag);
    if (open_.size() == kMaxDepth) {
      Refuse(ToPosition(mark), "",
             "nested deeper than " + std::to_string(kMaxDepth) + " levels; no key needs that");
    }
    RefuseAsKey(ToPosition(mark));
    std::string path = PathOfNext();
    open_.push_back({{kind, ToPosition(mark), {}, {}, {}}, std::move(path), {}, false});
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    if (++values_ > kMaxValues) {
      Refuse(node.at, "", "more than " + std::to_string(kMaxValues) + " values; use patterns");
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().node.kind == YamlNode::Kind::kList) {
      open_.back().node.items.push_back(std::move(node));
    } else if (open_.back().has_key) {
      open_.back().node.entries.back().value = std::move(node);
      open_.back().has_key = false;
    } else {
      AddKey(std::move(node));
    }
  }

  void AddKey(YamlNode key) {
    if (key.kind != YamlNode::Kind::kText) RefuseAsKey(key.at);
    OpenNode& map = open_.back();
    if (!map.keys.insert(key.text).second) {
      Refuse(key.at, Join(map.path, ToWord(key.text)),
             "this key stands twice in the same map; remove one of them");
    }
    map.node.entries.push_back({std::move(key.text), key.at, {}});
    map.has_key = true;
  }

  // Refuses what comes next, if it comes as the key of a map, because it is no text.
  void RefuseAsKey(Position at) const {
    if (open_.empty() || open_.back().node.kind != YamlNode::Kind::kMap) return;
    if (!open_.back().has_key) Refuse(at, open_.back().path, "a key must be a text");
  }

  std::string PathOfNext() const {
    if (open_.empty()) return "";
    const OpenNode& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kList) {
      return Join(parent.path, parent.node.items.size());
    }
    return Join(parent.path, ToWord(parent.node.entries.back().key));
  }

  int documents_ = 0;
  std::size_t values_ = 0;
  YamlNode root_;
  std::vector<OpenNode> open_;
};

Position PositionOf(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line_ends = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 if there is none
  return {static_cast<int>(line_ends) + 1, static_cast<int>(offset - line_start) + 1};
}

void CheckBytes(std::string_view text) {
  if (text.size() > kMaxFileSize) {
    Refuse(std::nullopt, "", "larger than 1 MiB; this is not a configuration file");
  }
  const std::size_t invalid = std::min(FindInvalidUtf8(text), text.find('\0'));
  if (invalid != std::string_view::npos) {
    Refuse(PositionOf(text, invalid), "", "not UTF-8 text; save the file as UTF-8");
  }
}

// The parser scans a line of brackets to its end before it gives us the first of them.
void CheckBrackets(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') depth = 0;
    if (text[i] == '[' || text[i] == '{') ++depth;
    if (text[i] == ']' || text[i] == '}') --depth;
    if (depth > kMaxBracketsOnALine) {
      Refuse(PositionOf(text, i), "",
             "more than " + std::to_string(kMaxBracketsOnALine) +
                 " brackets are open on this line; no key needs that");
    }
  }
}

// The parser's message without what it quotes from the file: that may be part of a secret.
std::string WithoutQuotation(const std::string& message) {
  return message.substr(0, message.find(": "));
}

[[noreturn]] void RefuseSyntax(const YAML::Exception& error) {
  if (error.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
    TreeBuilder::RefuseReference(error.mark);
  }
  Refuse(ToPosition(error.mark), "",
         "not valid YAML: " + WithoutQuotation(error.msg) +
             "; look at the indentation, quotes and brackets here and just before");
}

}  // namespace

YamlNode ParseYaml(std::string_view text) {
  CheckBytes(text);
  CheckBrackets(text);
  std::istringstream stream{std::string(text)};
  TreeBuilder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    RefuseSyntax(error);
  }
  return builder.TakeRoot();
}

}  // namespace backlogd::config
