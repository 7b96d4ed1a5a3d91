#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace backlogd::http {

struct Answer {
  int status = 0;
  std::string body;
};

// Asks over HTTP and HTTPS; keeps connections alive between questions. Follows no redirection.
// Not thread-safe: one a thread. Each call blocks until the answer is there, or `deadline` has
// passed (kTimeout), or nobody can be reached (kUnreachable). An answer with a body of more than
// 64 MiB is an error (kOther), like a URL of another scheme. Errors name the URL without what may
// be secret in it (user, password, query, fragment). No proxy is asked, whatever the environment
// says.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Result<Answer> Get(const std::string& url, Deadline deadline);
  Result<Answer> Post(const std::string& url, const std::string& content_type,
                      const std::string& body, Deadline deadline);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace backlogd::http
