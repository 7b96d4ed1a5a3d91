#include "config/reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "config/schema.h"

namespace backlogd::config {
namespace {

using Kind = YamlNode::Kind;

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kNull: return "nothing";
    case Kind::kText: return "a text";
    case Kind::kList: return "a list";
    case Kind::kMap: return "a map";
  }
  return "?";
}

// How to write each kind: the remedy when something else was found.
std::string_view ExampleOf(Kind kind) {
  switch (kind) {
    case Kind::kList: return "; write [first, second]";
    case Kind::kMap: return "; write \"key: value\" lines, with a space after the colon";
    default: return "; quote it if it begins with a bracket";
  }
}

std::string Words(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

// Finds the keys that it is shown in a tree. Each open map notes which keys were asked for; those
// in the file that were not are unknown.
class Reader : public Visitor {
 public:
  explicit Reader(const YamlNode& root) {
    if (root.kind != Kind::kNull) Expect(&root, Kind::kMap, "");
    open_.push_back({root.kind == Kind::kNull ? nullptr : &root, "", {}});
  }

  void Finish() { RefuseUnknownKeys(); }
  std::map<std::string, Position> TakePositions() { return std::move(positions_); }

  void Text(std::string_view key, std::string& value) override {
    if (const YamlNode* node = Find(key, Kind::kText)) value = node->text;
  }

  void Texts(std::string_view key, std::vector<std::string>& values) override {
    const YamlNode* node = Find(key, Kind::kList);
    if (node == nullptr) return;
    values.clear();
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      const std::string path = Join(PathOf(key), i);
      values.push_back(Expect(&node->items[i], Kind::kText, path)->text);
    }
  }

  void TextMap(std::string_view key, std::map<std::string, std::string>& values) override {
    const YamlNode* node = Find(key, Kind::kMap);
    if (node == nullptr) return;
    for (const YamlEntry& entry : node->entries) {
      const std::string word = ToWord(entry.key);
      if (word != entry.key) {
        throw Complaint{entry.at, PathOf(key),
                        "a property name is made of letters, digits, '.', '_' and '-'; is the "
                        "space after a colon missing?"};
      }
      if (entry.value.kind == Kind::kNull) continue;
      values[entry.key] = Expect(&entry.value, Kind::kText, Join(PathOf(key), word))->text;
    }
  }

  void Flag(std::string_view key, bool& value) override {
    const YamlNode* node = Find(key, Kind::kText);
    if (node == nullptr) return;
    if (node->text != "true" && node->text != "false") {
      Refuse(*node, key, "must be true or false, got " + Quote(node->text));
    }
    value = node->text == "true";
  }

  void Number(std::string_view key, std::int64_t& value) override {
    const YamlNode* node = Find(key, Kind::kText);
    if (node == nullptr) return;
    const char* const text_end = node->text.data() + node->text.size();
    const auto [end, error] = std::from_chars(node->text.data(), text_end, value);
    if (error != std::errc() || end != text_end) {
      Refuse(*node, key, "must be a whole number such as 10000, got " + Quote(node->text));
    }
  }

  // libstdc++ has had from_chars of double since 11; it takes "inf" and "nan" too.
  void Real(std::string_view key, double& value) override {
    const YamlNode* node = Find(key, Kind::kText);
    if (node == nullptr) return;
    const char* const text_end = node->text.data() + node->text.size();
    const auto [end, error] = std::from_chars(node->text.data(), text_end, value);
    if (error != std::errc() || end != text_end || !std::isfinite(value)) {
      Refuse(*node, key, "must be a number such as 0.5 or 200, got " + Quote(node->text));
    }
  }

  void ByteSize(std::string_view key, std::int64_t& bytes) override {
    const YamlNode* node = Find(key, Kind::kText);
    if (node == nullptr) return;
    const auto size = ParseByteSize(node->text);
    if (!size) {
      Refuse(
          *node, key,
          "must be a number of bytes such as 16MiB, 512KiB or 1000000, got " + Quote(node->text));
    }
    bytes = *size;
  }

  void Duration(std::string_view key, std::chrono::milliseconds& value) override {
    const YamlNode* node = Find(key, Kind::kText);
    if (node == nullptr) return;
    const auto duration = ParseDuration(node->text);
    if (!duration) {
      Refuse(*node, key, "must be a duration such as 15s or 1m30s, got " + Quote(node->text));
    }
    value = *duration;
  }

  void Choice(std::string_view key, std::span<const std::string_view> words,
              std::size_t& index) override {
    const YamlNode* node = Find(key, Kind::kText);
    if (node == nullptr) return;
    const auto word = std::find(words.begin(), words.end(), node->text);
    if (word == words.end()) {
      Refuse(*node, key, "must be one of " + Words(words) + "; got " + Quote(node->text));
    }
    index = static_cast<std::size_t>(word - words.begin());
  }

  void BeginMap(std::string_view key) override {
    open_.push_back({Find(key, Kind::kMap), PathOf(key), {}});
  }
  void EndMap() override {
    RefuseUnknownKeys();
    open_.pop_back();
  }

  std::size_t BeginList(std::string_view key, std::size_t size) override {
    const YamlNode* node = Find(key, Kind::kList);
    open_.push_back({node, PathOf(key), {}});
    return node == nullptr ? size : node->items.size();
  }
  void BeginItem(std::size_t index) override {
    const Frame& list = open_.back();
    std::string path = Join(list.path, index);
    const YamlNode* item =
        list.node == nullptr ? nullptr : Expect(&list.node->items[index], Kind::kMap, path);
    open_.push_back({item, std::move(path), {}});
  }
  void EndItem() override { EndMap(); }
  void EndList() override { open_.pop_back(); }

 private:
  struct Frame {
    const YamlNode* node;  // null: the file does not have it, so nothing in it either
    std::string path;
    std::vector<std::string_view> known;  // keys asked for
  };

  std::string PathOf(std::string_view key) const { return Join(open_.back().path, key); }

  [[noreturn]] void Refuse(const YamlNode& node, std::string_view key, std::string what) const {
    throw Complaint{node.at, PathOf(key), std::move(what)};
  }

  const YamlNode* Expect(const YamlNode* node, Kind kind, const std::string& path) {
    if (node->kind != kind) {
      throw Complaint{node->at, path,
                      "must be " + std::string(NameOf(kind)) + ", got " +
                          std::string(NameOf(node->kind)) + std::string(ExampleOf(kind))};
    }
    positions_[path] = node->at;
    return node;
  }

  // The value of `key` in the open map; null if it has none.
  const YamlNode* Find(std::string_view key, Kind kind) {
    Frame& map = open_.back();
    map.known.push_back(key);
    if (map.node == nullptr) return nullptr;
    const auto entry = std::find_if(map.node->entries.begin(), map.node->entries.end(),
                                    [key](const YamlEntry& e) { return e.key == key; });
    if (entry == map.node->entries.end() || entry->value.kind == Kind::kNull) return nullptr;
    return Expect(&entry->value, kind, PathOf(key));
  }

  void RefuseUnknownKeys() const {
    const Frame& map = open_.back();
    if (map.node == nullptr) return;
    for (const YamlEntry& entry : map.node->entries) {
      if (std::count(map.known.begin(), map.known.end(), entry.key) != 0) continue;
      const std::string word = ToWord(entry.key);
      const std::string_view nearest = Nearest(word, map.known);
      throw Complaint{entry.at, Join(map.path, word),
                      nearest.empty() ? "unknown key; known here: " + Words(map.known)
                                      : "unknown key; did you mean " + std::string(nearest) + "?"};
    }
  }

  std::vector<Frame> open_;
  std::map<std::string, Position> positions_;
};

}  // namespace

std::map<std::string, Position> Read(const YamlNode& root,
                                     const std::function<void(Visitor&)>& visit) {
  Reader reader(root);
  visit(reader);
  reader.Finish();
  return reader.TakePositions();
}

ReadConfig Read(const YamlNode& root) {
  ReadConfig read;
  read.positions = Read(root, [&](Visitor& visitor) { Visit(visitor, read.config); });
  return read;
}

}  // namespace backlogd::config
