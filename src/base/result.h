#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace backlogd {

// Why a question was not answered. The names (see ToText) are values of the label `reason`.
enum class ErrorKind {
  kTimeout,         // no answer before the deadline
  kUnreachable,     // no connection to the broker
  kNoLeader,        // the partition or coordinator has no leader now
  kAuthentication,  // the broker refused our credentials
  kUnauthorized,    // an ACL is missing
  kUnsupported,     // the broker does not know the request
  kInterrupted,     // the program is stopping
  kOther,
};
inline constexpr int kErrorKindCount = 8;

// snake_case word for `kind`, for example "no_leader". Never empty.
std::string_view ToText(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kOther;
  std::string message;  // for a human reading the log: subject and cause; never a secret
};

// A value or the reason why there is none: the subset of std::expected<T, Error> that we use, with
// its names, so that C++23 makes it one `using`.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const { return content_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  // REQUIRES: has_value()
  T& operator*() { return std::get<0>(content_); }
  const T& operator*() const { return std::get<0>(content_); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }

  // REQUIRES: !has_value()
  const Error& error() const { return std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

}  // namespace backlogd
