#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

// Private to the room: which keys there are and which field of Config each one is. Reading a file,
// writing one, and listing the keys are visitors of this one table.
namespace backlogd::config {

// Is shown each key in turn; may change the value that belongs to it.
class Visitor {
 public:
  virtual ~Visitor() = default;

  virtual void Text(std::string_view key, std::string& value) = 0;
  virtual void Texts(std::string_view key, std::vector<std::string>& values) = 0;
  virtual void TextMap(std::string_view key, std::map<std::string, std::string>& values) = 0;
  virtual void Flag(std::string_view key, bool& value) = 0;
  virtual void Number(std::string_view key, std::int64_t& value) = 0;
  virtual void Real(std::string_view key, double& value) = 0;  // finite
  virtual void ByteSize(std::string_view key, std::int64_t& bytes) = 0;
  virtual void Duration(std::string_view key, std::chrono::milliseconds& value) = 0;
  // One of `words`, by its index.
  virtual void Choice(std::string_view key, std::span<const std::string_view> words,
                      std::size_t& index) = 0;

  // What is shown until EndMap() stands in the map `key`.
  virtual void BeginMap(std::string_view key) = 0;
  virtual void EndMap() = 0;

  // A list of maps that has `size` items; returns how many it shall have.
  virtual std::size_t BeginList(std::string_view key, std::size_t size) = 0;
  virtual void BeginItem(std::size_t index) = 0;
  virtual void EndItem() = 0;
  virtual void EndList() = 0;
};

template <typename Enum>
void VisitChoice(Visitor& visitor, std::string_view key, std::span<const std::string_view> words,
                 Enum& value) {
  auto index = static_cast<std::size_t>(value);
  visitor.Choice(key, words, index);
  value = static_cast<Enum>(index);
}

template <typename Section>
void VisitSection(Visitor& visitor, std::string_view key, Section& section,
                  void (*visit)(Visitor&, Section&)) {
  visitor.BeginMap(key);
  visit(visitor, section);
  visitor.EndMap();
}

// What names a cluster's brokers and says how to talk to them.
void VisitConnection(Visitor& visitor, Cluster& cluster);

// Shows every key of `config` to `visitor`, in the order of the reference file.
void Visit(Visitor& visitor, Config& config);

// Every key that `visit` shows, as a path.
std::vector<std::string> ListKeys(const std::function<void(Visitor&)>& visit);

// What `visit` shows as YAML; secrets must be hidden before.
void HideSecrets(Cluster& cluster);
std::string ToYaml(const std::function<void(Visitor&)>& visit);

// Every key as a path, for example "poll.interval" and "clusters[].name", maps and lists too.
std::vector<std::string> KnownKeys();

}  // namespace backlogd::config
