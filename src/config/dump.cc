#include <yaml-cpp/emitter.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/text.h"
#include "config/load.h"
#include "config/properties.h"
#include "config/schema.h"

namespace backlogd::config {
namespace {

class Writer : public Visitor {
 public:
  Writer() { out_ << YAML::BeginMap; }

  std::string Finish() {
    out_ << YAML::EndMap << YAML::Newline;
    return out_.c_str();
  }

  void Text(std::string_view key, std::string& value) override { Write(key, value); }
  void Texts(std::string_view key, std::vector<std::string>& values) override {
    Begin(key);
    out_ << YAML::Flow << YAML::BeginSeq;
    for (const std::string& value : values) WriteText(value);
    out_ << YAML::EndSeq;
  }
  void TextMap(std::string_view key, std::map<std::string, std::string>& values) override {
    Begin(key);
    if (values.empty()) out_ << YAML::Flow;
    out_ << YAML::BeginMap;
    for (const auto& [name, value] : values) Write(name, value);
    out_ << YAML::EndMap;
  }
  void Flag(std::string_view key, bool& value) override {
    Begin(key);
    out_ << value;
  }
  void Number(std::string_view key, std::int64_t& value) override {
    WriteWord(key, std::to_string(value));
  }
  void Real(std::string_view key, double& value) override {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    WriteWord(key, {text.data(), static_cast<std::size_t>(end - text.data())});
  }
  void ByteSize(std::string_view key, std::int64_t& bytes) override {
    WriteWord(key, FormatByteSize(bytes));
  }
  void Duration(std::string_view key, std::chrono::milliseconds& value) override {
    WriteWord(key, FormatDuration(value));
  }
  void Choice(std::string_view key, std::span<const std::string_view> words,
              std::size_t& index) override {
    WriteWord(key, words[index]);
  }
  void BeginMap(std::string_view key) override {
    Begin(key);
    out_ << YAML::BeginMap;
  }
  void EndMap() override { out_ << YAML::EndMap; }
  std::size_t BeginList(std::string_view key, std::size_t size) override {
    Begin(key);
    if (size == 0) out_ << YAML::Flow;
    out_ << YAML::BeginSeq;
    return size;
  }
  void BeginItem(std::size_t) override { out_ << YAML::BeginMap; }
  void EndItem() override { out_ << YAML::EndMap; }
  void EndList() override { out_ << YAML::EndSeq; }

 private:
  void Begin(std::string_view key) { out_ << YAML::Key << std::string(key) << YAML::Value; }

  // A word of ours, which needs no quotes.
  void WriteWord(std::string_view key, std::string_view word) {
    Begin(key);
    out_ << std::string(word);
  }

  void Write(std::string_view key, std::string_view text) {
    Begin(key);
    WriteText(text);
  }

  // What an operator wrote may look like something else without quotes.
  void WriteText(std::string_view text) { out_ << YAML::DoubleQuoted << std::string(text); }

  YAML::Emitter out_;
};

}  // namespace

void HideSecrets(Cluster& cluster) {
  for (auto& [name, value] : cluster.properties) {
    if (IsSecret(name, value)) value = "<secret>";
  }
  for (const auto& [name, file] : cluster.property_files) cluster.properties.erase(name);
}

std::string ToYaml(const std::function<void(Visitor&)>& visit) {
  Writer writer;
  visit(writer);
  return writer.Finish();
}

std::string Dump(const Config& config) {
  Config shown = config;
  for (Cluster& cluster : shown.clusters) HideSecrets(cluster);
  return ToYaml([&shown](Visitor& visitor) { Visit(visitor, shown); });
}

}  // namespace backlogd::config
