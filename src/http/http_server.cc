#include "http/http_server.h"

#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "http/answering.h"
#include "http/connections.h"
#include "http/gate.h"
#include "http/listen_socket.h"
#include "http/mhd_response.h"
#include "http/routing.h"
#include "http/tls_credentials.h"

namespace backlogd::http {
namespace {

// Each listen address has its own threads.
constexpr unsigned kThreads = 2;
constexpr unsigned kMaxConnections = 512;  // more than scrapers need, half of 1024 open files
// Connections too many are shut down at once, and counted by the library until it has noticed. A
// thread of it that has its share accepts no more, whoever waits.
constexpr unsigned kLibraryLimit = kThreads * (kMaxConnections + 256);
constexpr std::size_t kConnectionBytes = 32768;  // for the request's head: longer ones get 431
constexpr std::chrono::seconds kSendTime{1};     // for answers on their way when the server ends

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
};
using Daemon = std::unique_ptr<MHD_Daemon, StopDaemon>;

Connections::Limits LimitsOf(const ServerOptions& options) {
  return {.count = kMaxConnections,
          .head = options.head_timeout,
          .idle = options.idle_timeout + options.head_timeout,
          .body = options.answer_timeout,
          .send = options.answer_timeout};
}

// What the library's callbacks refer to.
struct Site {
  ServerOptions options;
  Log& log;
  Answering answering{};
  Connections connections{LimitsOf(options)};
  std::unique_ptr<Gate> gate{};  // null: everybody may read
};

// A request on its way, from its head until its answer is sent or given up.
struct Exchange {
  Connections::Handle connection{};
  std::shared_ptr<const WebRules> rules{};  // null: not judged yet
  std::optional<Gate::Verdict> verdict{};   // absent: a password is being looked at
  std::string body{};
  bool body_is_too_large = false;
  bool answered = false;
};

std::string_view HeaderOf(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

// NOLINTNEXTLINE(readability-function-size): the library's callback has that many parameters
MHD_Result AddParameter(void* closure, MHD_ValueKind /*kind*/, const char* name,
                        std::size_t name_size, const char* value, std::size_t value_size) {
  static_cast<Request*>(closure)->query.emplace_back(
      std::string_view(name, name_size),
      value == nullptr ? std::string_view() : std::string_view(value, value_size));
  return MHD_YES;
}

// A handler's view of what was asked: valid until the answer is queued.
Request RequestOf(const Exchange& exchange, MHD_Connection* connection) {
  Request request{.accept = HeaderOf(connection, MHD_HTTP_HEADER_ACCEPT),
                  .accept_encoding = HeaderOf(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING),
                  .body = exchange.body,
                  .body_is_too_large = exchange.body_is_too_large,
                  .accept_language = HeaderOf(connection, MHD_HTTP_HEADER_ACCEPT_LANGUAGE)};
  MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, &AddParameter, &request);
  return request;
}

// False drops the connection.
bool Answer(Site& site, Exchange& exchange, MHD_Connection* connection, std::string_view method,
            const std::string& path) {
  try {
    exchange.answered = true;
    site.answering.BeginAnswer();
    const Request request = RequestOf(exchange, connection);
    const bool is_let_in = !exchange.verdict || *exchange.verdict == Gate::Verdict::kPass;
    Response response =
        is_let_in ? ResponseTo({method, path, request}, site.options, site.answering, site.log)
                  : Refusal(*exchange.verdict);
    if (exchange.rules != nullptr) SetHeaders(*exchange.rules, response);
    const int status = response.status;
    const MhdResponse made = ToMhdResponse(std::move(response));
    if (MHD_queue_response(connection, static_cast<unsigned>(status), made.get()) != MHD_YES) {
      return false;
    }
    site.connections.Enter(exchange.connection, Phase::kSending);
    if (site.options.on_response) site.options.on_response(status);
    return true;
  } catch (...) {
    site.log.Write(LogLevel::kError, "a web answer could not be sent",
                   {{"path", path}, {"error", ExceptionText()}});
    return false;
  }
}

// Lets the connection sleep until its password is judged; then it is called once more.
void AskPassword(Site& site, Exchange& exchange, MHD_Connection* connection, Login login) {
  const auto decide = [&exchange, connection](Gate::Verdict verdict) {
    exchange.verdict = verdict;
    MHD_resume_connection(connection);
  };
  MHD_suspend_connection(connection);
  const auto on_known = [decide](bool is_right) {
    decide(is_right ? Gate::Verdict::kPass : Gate::Verdict::kUnauthorized);
  };
  const bool is_asked =
      site.gate->passwords().Ask(std::move(login), exchange.rules->config.users, on_known);
  if (!is_asked) decide(Gate::Verdict::kBusy);
}

// False: it is not known yet whether the request may be answered; see AskPassword.
bool IsJudged(Site& site, Exchange& exchange, MHD_Connection* connection, const char* path) {
  if (site.gate == nullptr || exchange.verdict) return true;
  exchange.rules = site.options.access->Get();
  Gate::Judgement judgement =
      site.gate->Judge(*exchange.rules, path, HeaderOf(connection, MHD_HTTP_HEADER_AUTHORIZATION));
  if (judgement.verdict != Gate::Verdict::kAskPassword) {
    exchange.verdict = judgement.verdict;
    return true;
  }
  AskPassword(site, exchange, connection, std::move(*judgement.login));
  return false;
}

// Memory grows with what has arrived, never by what a header promises, nor beyond the limit.
void Keep(Exchange& exchange, std::string_view part, std::size_t max_bytes) {
  std::string& body = exchange.body;
  if (exchange.body_is_too_large || part.size() > max_bytes - body.size()) {
    exchange.body_is_too_large = true;
    std::string().swap(body);
    return;
  }
  const std::size_t wanted = body.size() + part.size();
  if (wanted > body.capacity()) {
    body.reserve(std::min(max_bytes, std::max(wanted, 2 * body.capacity())));
  }
  body.append(part);
}

// Of what a request line names: most name a path, but whoever takes us for a proxy, as HTTP/1.1
// lets them, the whole URL.
const char* PathOf(const char* target) {
  const std::string_view text(target);
  if (!text.starts_with("http://") && !text.starts_with("https://")) return target;
  const std::size_t path = text.find('/', text.find("://") + 3);
  return path == text.npos ? "/" : target + path;
}

Connections::Handle* ConnectionOf(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return static_cast<Connections::Handle*>(info->socket_context);
}

// Called with a request's head, then with each part of its body, then once more. An answer before
// the last call would close the connection, perhaps before the client has read it.
// NOLINTNEXTLINE(readability-function-size): the library's callback has that many parameters
MHD_Result OnRequest(void* closure, MHD_Connection* connection, const char* target,
                     const char* method, const char* /*version*/, const char* upload,
                     std::size_t* upload_bytes, void** seen) {
  auto& site = *static_cast<Site*>(closure);
  const char* path = PathOf(target);
  try {
    if (*seen == nullptr) {
      auto exchange = std::make_unique<Exchange>();
      exchange->connection = *ConnectionOf(connection);
      site.connections.Enter(exchange->connection, Phase::kReading);
      *seen = exchange.release();
      return MHD_YES;
    }
    auto& exchange = *static_cast<Exchange*>(*seen);
    if (*upload_bytes == 0) {
      site.connections.Enter(exchange.connection, Phase::kAnswering);
      if (!IsJudged(site, exchange, connection, path)) return MHD_YES;
      return Answer(site, exchange, connection, method, path) ? MHD_YES : MHD_NO;
    }
    if (std::string_view(method) == MHD_HTTP_METHOD_POST && Find(site.options.posts, path)) {
      Keep(exchange, {upload, *upload_bytes}, site.options.max_body_bytes);
    }
    *upload_bytes = 0;  // of another method or path: discarded
    return MHD_YES;
  } catch (const std::bad_alloc&) {
    return MHD_NO;
  }
}

void OnCompleted(void* closure, MHD_Connection* /*connection*/, void** seen,
                 MHD_RequestTerminationCode /*why*/) {
  auto& site = *static_cast<Site*>(closure);
  const std::unique_ptr<Exchange> exchange(static_cast<Exchange*>(*seen));
  *seen = nullptr;
  if (exchange == nullptr) return;
  if (exchange->answered) site.answering.EndAnswer();
  site.connections.Enter(exchange->connection, Phase::kIdle);
}

// False: the client cannot be talked to.
bool Open(Site& site, MHD_Connection* connection, Connections::Handle& handle, int socket) {
  std::shared_ptr<const TlsCredentials> tls;
  if (site.options.access != nullptr) tls = site.options.access->Get()->tls;
  handle = site.connections.Add(socket, tls);
  if (tls == nullptr) return true;
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return info != nullptr && tls->Apply(static_cast<gnutls_session_t>(info->tls_session));
}

void OnConnection(void* closure, MHD_Connection* connection, void** context,
                  MHD_ConnectionNotificationCode what) {
  auto& site = *static_cast<Site*>(closure);
  if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
    const std::unique_ptr<Connections::Handle> handle(static_cast<Connections::Handle*>(*context));
    *context = nullptr;
    if (handle != nullptr) site.connections.Remove(*handle);
    return;
  }
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  auto handle = std::make_unique<Connections::Handle>();
  if (!Open(site, connection, *handle, info->connect_fd)) shutdown(info->connect_fd, SHUT_RDWR);
  *context = handle.release();
}

// Each session gets its certificate by OnConnection. The library demands one from the start.
// NOLINTNEXTLINE(readability-function-size): the library's callback has that many parameters
int NoCertificate(gnutls_session_t, const gnutls_cert_retr_st*, gnutls_pcert_st**, unsigned*,
                  gnutls_ocsp_data_st**, unsigned*, gnutls_privkey_t*, unsigned*) {
  return -1;
}

void OnLogMessage(void* closure, const char* format, va_list arguments) {
  std::array<char, 512> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string_view message(line.data());
  while (message.ends_with('\n')) message.remove_suffix(1);
  static_cast<Log*>(closure)->Write(LogLevel::kWarning, "web server", {{"message", message}});
}

bool HasTls(const ServerOptions& options) {
  return options.access != nullptr && options.access->Get()->tls != nullptr;
}

// A few threads for all connections, or one for each.
unsigned Flags(const ServerOptions& options) {
  unsigned flags = MHD_USE_ERROR_LOG | MHD_USE_ITC;
  flags |= options.handlers_may_block ? MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION
                                      : MHD_USE_EPOLL_INTERNAL_THREAD;
  if (HasTls(options)) flags |= MHD_USE_TLS;
  if (options.access != nullptr) flags |= MHD_ALLOW_SUSPEND_RESUME;
  return flags;
}

// Takes the socket over. When the start fails it may stay open, for libraries differ in whether
// they have closed it by then: to close a number twice would be worse, and the program ends anyway.
Daemon Start(int socket, Site& site, const std::string& address) {
  const auto idle_seconds = static_cast<unsigned>(site.options.idle_timeout.count());
  // Not even 0 may be said of a pool where there is none: the library complains.
  std::array<MHD_OptionItem, 2> pool = {
      {{MHD_OPTION_THREAD_POOL_SIZE, kThreads, nullptr}, {MHD_OPTION_END, 0, nullptr}}};
  if (site.options.handlers_may_block) pool[0] = pool[1];
  const MHD_OPTION tls_or_end =
      HasTls(site.options) ? MHD_OPTION_HTTPS_CERT_CALLBACK2 : MHD_OPTION_END;
  Daemon daemon(MHD_start_daemon(
      Flags(site.options), 0, nullptr, nullptr, &OnRequest, &site, MHD_OPTION_EXTERNAL_LOGGER,
      &OnLogMessage, static_cast<void*>(&site.log), MHD_OPTION_LISTEN_SOCKET, socket,
      MHD_OPTION_ARRAY, pool.data(), MHD_OPTION_CONNECTION_LIMIT, kLibraryLimit,
      MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kConnectionBytes, MHD_OPTION_NOTIFY_COMPLETED, &OnCompleted, &site,
      MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, &site, tls_or_end, &NoCertificate,
      MHD_OPTION_END));
  if (daemon == nullptr) {
    throw std::runtime_error("cannot serve " + address + ": " +
                             std::generic_category().message(errno) +
                             "; raise the limits of open files and threads");
  }
  return daemon;
}

}  // namespace

class HttpServer::State {
 public:
  State(ServerOptions options, Log& log) : site_{std::move(options), log} {
    if (site_.options.access != nullptr) {
      if (site_.options.handlers_may_block) {
        throw std::logic_error("no access rules where each connection has its thread");
      }
      site_.gate = std::make_unique<Gate>(site_.options.open_paths);
    }
    for (const std::string& address : site_.options.listen_addresses) {
      ListenSocket socket(address);
      ports_.push_back(socket.port());
      daemons_.push_back(Start(socket.Release(), site_, address));
    }
  }

  ~State() {
    // The library cannot be stopped while a connection sleeps.
    if (site_.gate != nullptr) site_.gate->passwords().End();
    if (site_.options.handlers_may_block) Drain();
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const std::vector<std::uint16_t>& ports() const { return ports_; }

 private:
  // The library, when it stops, shuts the connections before it waits for the handlers.
  void Drain() {
    std::vector<int> sockets;
    for (const Daemon& daemon : daemons_) sockets.push_back(MHD_quiesce_daemon(daemon.get()));
    site_.answering.Drain(kSendTime);
    daemons_.clear();
    for (int socket : sockets) {
      if (socket >= 0) close(socket);
    }
  }

  Site site_;
  std::vector<std::uint16_t> ports_;
  std::vector<Daemon> daemons_;  // last: they are stopped before what they refer to goes away
};

HttpServer::HttpServer(ServerOptions options, Log& log)
    : state_(std::make_unique<State>(std::move(options), log)) {}

HttpServer::~HttpServer() = default;

std::vector<std::uint16_t> HttpServer::ports() const { return state_->ports(); }

}  // namespace backlogd::http
