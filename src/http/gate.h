#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "http/http_server.h"
#include "http/passwords.h"
#include "http/web_access.h"

// Private to the room.
namespace backlogd::http {

// How many requests are let through: so many at once, and then one in each interval. Thread-safe.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;
  bool Take(const config::RateLimit& limit, Clock::time_point now);

 private:
  std::mutex mutex_;
  std::optional<Clock::time_point> filled_at_;
  double tokens_ = 0;
};

// Whether a request may be answered, by a web configuration. Thread-safe.
class Gate {
 public:
  explicit Gate(std::set<std::string> open_paths) : open_paths_(std::move(open_paths)) {}

  enum class Verdict { kPass, kBroken, kTooMany, kUnauthorized, kAskPassword, kBusy };
  struct Judgement {
    Verdict verdict = Verdict::kPass;
    std::optional<Login> login{};  // of kAskPassword
  };
  Judgement Judge(const WebRules& rules, const std::string& path, std::string_view authorization);

  Passwords& passwords() { return passwords_; }

 private:
  std::set<std::string> open_paths_;
  TokenBucket bucket_;
  Passwords passwords_;
};

// REQUIRES: neither kPass nor kAskPassword
Response Refusal(Gate::Verdict verdict);

// Sets the headers that the configuration has, instead of the page's own of that name.
void SetHeaders(const WebRules& rules, Response& response);

}  // namespace backlogd::http
