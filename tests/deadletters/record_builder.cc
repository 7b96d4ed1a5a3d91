#include "deadletters/record_builder.h"

namespace backlogd::deadletters {
namespace {

std::string BigEndian(std::uint64_t number, int size) {
  std::string bytes;
  for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

}  // namespace

std::string Int32(std::int32_t number) { return BigEndian(static_cast<std::uint32_t>(number), 4); }
std::string Int64(std::int64_t number) { return BigEndian(static_cast<std::uint64_t>(number), 8); }

RecordBuilder& RecordBuilder::With(std::string name, std::optional<std::string> value) {
  const Owned& owned = owned_.emplace_back(Owned{std::move(name), std::move(value)});
  headers_.push_back(
      {owned.name, owned.value ? std::optional<std::string_view>(*owned.value) : std::nullopt});
  return *this;
}

RecordBuilder& RecordBuilder::WithValue(std::string value) {
  value_ = std::move(value);
  return *this;
}

RecordBuilder& RecordBuilder::At(WallTime timestamp, bool of_the_append) {
  timestamp_ = timestamp;
  of_the_append_ = of_the_append;
  return *this;
}

RecordView RecordBuilder::View() const {
  return {topic_, headers_, value_ ? std::optional<std::string_view>(*value_) : std::nullopt,
          timestamp_, of_the_append_};
}

}  // namespace backlogd::deadletters
