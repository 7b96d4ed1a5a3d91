#include "http/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace backlogd::http {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 20;

struct CloseCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using Curl = std::unique_ptr<CURL, CloseCurl>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

Curl Open() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  Curl curl(curl_easy_init());
  if (curl == nullptr) throw std::bad_alloc();
  return curl;
}

// For messages: neither user and password nor what follows the path.
std::string WithoutSecrets(const std::string& url) {
  std::string shown = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = shown.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = shown.substr(0, shown.find('/', host)).rfind('@');
  if (at != std::string::npos && at >= host) shown.erase(host, at + 1 - host);
  return shown;
}

struct Received {
  std::string body{};
  bool too_large = false;
};

std::size_t OnBody(char* bytes, std::size_t size, std::size_t count, void* closure) {
  auto& received = *static_cast<Received*>(closure);
  const std::size_t length = size * count;
  received.too_large = length > kMaxAnswerBytes - received.body.size();
  if (received.too_large) return 0;  // ends the transfer
  try {
    received.body.append(bytes, length);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return length;
}

ErrorKind KindOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return ErrorKind::kTimeout;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return ErrorKind::kUnreachable;
    default: return ErrorKind::kOther;
  }
}

void RestrictProtocols(CURL* curl) {
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

}  // namespace

class HttpClient::State {
 public:
  State() : curl_(Open()) {}

  // Connections outlive a reset; options do not. REQUIRES: one of Ask() after it
  void Prepare() {
    curl_easy_reset(curl_.get());
    RestrictProtocols(curl_.get());
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_USERAGENT, "backlogd");
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  Result<Answer> Ask(const std::string& url, Deadline deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Error{ErrorKind::kTimeout, WithoutSecrets(url) + ": timed out"};
    Received received;
    std::array<char, CURL_ERROR_SIZE> reason{};
    Set(CURLOPT_URL, url.c_str());
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(left.count()));
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    Set(CURLOPT_WRITEDATA, static_cast<void*>(&received));
    Set(CURLOPT_ERRORBUFFER, reason.data());
    const CURLcode code = curl_easy_perform(curl_.get());
    Set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    if (code != CURLE_OK) return ErrorOf(code, url, received, reason.data());
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return Answer{static_cast<int>(status), std::move(received.body)};
  }

 private:
  // libcurl's own words may hold the URL.
  static Error ErrorOf(CURLcode code, const std::string& url, const Received& received,
                       std::string_view reason) {
    const bool quotes_url = reason.find(url) != std::string_view::npos;
    std::string cause(reason.empty() || quotes_url ? curl_easy_strerror(code) : reason);
    if (received.too_large) cause = "the answer has more than 64 MiB";
    return {KindOf(code), WithoutSecrets(url) + ": " + cause};
  }

  Curl curl_;
};

HttpClient::HttpClient() : state_(std::make_unique<State>()) {}

HttpClient::~HttpClient() = default;

Result<Answer> HttpClient::Get(const std::string& url, Deadline deadline) {
  state_->Prepare();
  return state_->Ask(url, deadline);
}

Result<Answer> HttpClient::Post(const std::string& url, const std::string& content_type,
                                const std::string& body, Deadline deadline) {
  state_->Prepare();
  HeaderList headers(curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()));
  // Without it libcurl waits up to a second for a "100 Continue" before it sends a large body.
  curl_slist_append(headers.get(), "Expect:");
  state_->Set(CURLOPT_HTTPHEADER, headers.get());
  state_->Set(CURLOPT_POSTFIELDS, body.data());
  state_->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  state_->Set(CURLOPT_POST, 1L);
  return state_->Ask(url, deadline);
}

}  // namespace backlogd::http
