#include "http/gate.h"

#include <microhttpd.h>
#include <strings.h>

#include <algorithm>

#include "http/routing.h"

namespace backlogd::http {

bool TokenBucket::Take(const config::RateLimit& limit, Clock::time_point now) {
  if (limit.interval.count() <= 0) return true;
  const std::lock_guard lock(mutex_);
  const auto burst = static_cast<double>(limit.burst);
  if (filled_at_) {
    const std::chrono::duration<double> passed = now - *filled_at_;
    tokens_ = std::min(burst, tokens_ + passed / limit.interval);
  } else {
    tokens_ = burst;
  }
  filled_at_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Gate::Judgement Gate::Judge(const WebRules& rules, const std::string& path,
                            std::string_view authorization) {
  if (open_paths_.contains(path)) return {};
  if (rules.is_broken) return {Verdict::kBroken};
  if (!bucket_.Take(rules.config.rate_limit, TokenBucket::Clock::now())) {
    return {Verdict::kTooMany};
  }
  if (rules.config.users.empty()) return {};
  std::optional<Login> login = ParseBasic(authorization);
  if (!login) return {Verdict::kUnauthorized};
  const std::optional<bool> known = passwords_.Recall(*login, rules.config.users);
  if (!known) return {Verdict::kAskPassword, std::move(login)};
  return {*known ? Verdict::kPass : Verdict::kUnauthorized};
}

Response Refusal(Gate::Verdict verdict) {
  switch (verdict) {
    case Gate::Verdict::kBroken:
      return PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR,
                       "the web configuration cannot be used; the log says why\n");
    case Gate::Verdict::kTooMany:
      return PlainText(MHD_HTTP_TOO_MANY_REQUESTS, "too many requests\n");
    case Gate::Verdict::kBusy: {
      Response response = PlainText(MHD_HTTP_SERVICE_UNAVAILABLE, "too many logins at once\n");
      response.headers.emplace_back(MHD_HTTP_HEADER_RETRY_AFTER, "1");
      return response;
    }
    default: break;
  }
  Response response = PlainText(MHD_HTTP_UNAUTHORIZED, "unauthorized\n");
  response.headers.emplace_back(MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic");
  return response;
}

void SetHeaders(const WebRules& rules, Response& response) {
  for (const auto& [name, value] : rules.config.headers) {
    if (name == "X-Content-Type-Options") continue;  // every answer has it, with its only value
    std::erase_if(response.headers, [&set = name](const auto& header) {
      return strcasecmp(header.first.c_str(), set.c_str()) == 0;
    });
    response.headers.emplace_back(name, value);
  }
}

}  // namespace backlogd::http
