#include "app/serve.h"

#include <cstdlib>
#include <functional>
#include <ostream>
#include <string>

#include "app/clock.h"
#include "app/exporter.h"
#include "app/service_manager.h"
#include "app/signals.h"
#include "app/status_routes.h"
#include "app/version.h"
#include "app/web.h"
#include "app/web_probe.h"
#include "http/http_server.h"
#include "http/web_access.h"

namespace backlogd::app {
namespace {

// With what remains of a second to end the rest in.
constexpr std::chrono::milliseconds kStopGrace{500};
// In which our own web server answers us, if it lives.
constexpr std::chrono::milliseconds kWebPatience{2000};

http::ServerOptions MakeServerOptions(const Surroundings& with, Exporter& exporter,
                                      const http::Handler& reload) {
  http::ServerOptions options;
  options.listen_addresses = with.config.web.listen_addresses;
  options.routes = Routes(with.config.web, exporter.publisher());
  options.routes.merge(StatusRoutes(with.config.web, Build(), exporter.board()));
  options.missing["/api/"] = NoSuchApi;
  if (with.web_config_file) {
    options.access = std::make_shared<http::WebAccess>(*with.web_config_file, with.log);
  }
  if (with.open_probes) {
    options.open_paths.insert(std::begin(kHealthyPaths), std::end(kHealthyPaths));
    options.open_paths.insert(std::begin(kReadyPaths), std::end(kReadyPaths));
  }
  options.posts[kReloadPath] = reload;
  options.puts[kReloadPath] = reload;
  options.on_response = [&metrics = with.metrics](int status) { metrics.CountHttpRequest(status); };
  return options;
}

std::string ToText(const http::ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

void LogStart(const Surroundings& with, const http::HttpServer& server) {
  const exposition::BuildInfo build = Build();
  with.log.Write(LogLevel::kInfo, "backlogd started",
                 {{"version", build.version},
                  {"revision", build.revision},
                  {"clusters", std::to_string(with.config.clusters.size())}});
  const std::vector<std::uint16_t> ports = server.ports();
  for (std::size_t i = 0; i < ports.size(); ++i) {
    http::ListenAddress address = http::ParseListenAddress(with.config.web.listen_addresses[i]);
    address.port = ports[i];
    with.log.Write(LogLevel::kInfo, "listening", {{"address", ToText(address)}});
  }
}

void StopPolling(Exporter& exporter, Log& log) {
  if (exporter.Stop(SteadyNow() + kStopGrace)) return;
  log.Write(LogLevel::kInfo, "stopped without waiting for Kafka to answer", {});
  // librdkafka cannot be told to give up a metadata request or the end of a client. Nothing here
  // keeps state that needs an orderly end, and the log is flushed, so the threads that still wait
  // for Kafka are left behind.
  std::_Exit(EXIT_SUCCESS);
}

// Whether all threads that somebody waits for go on; where not, a new start is the cure.
std::function<bool()> Liveness(const Surroundings& with, const Exporter& exporter,
                               const http::HttpServer& server) {
  const std::string& first = with.config.web.listen_addresses.front();
  const WebProbe probe(http::ParseListenAddress(first).host, server.ports().front());
  return [&exporter, probe] { return exporter.Alive(SteadyNow()) && probe.Answers(kWebPatience); };
}

}  // namespace

void Serve(const Surroundings& with, const ReloadOptions& reload) {
  StopSignals signals;
  const ServiceManager service = ServiceManager::FromEnvironment();
  Exporter exporter(with.config, with.factories, with.metrics, with.log);
  Reloader reloader(with.config.web, exporter,
                    {reload.load, reload.configure_log, with.metrics, with.log});
  http::HttpServer server(
      MakeServerOptions(with, exporter, ReloadHandler(reload.by_http ? &reloader : nullptr)),
      with.log);
  LogStart(with, server);
  exporter.Start();
  service.Ready();
  const SignsOfLife signs(service, Liveness(with, exporter, server));
  const int signal = signals.Wait([&] {
    service.Reloading();
    reloader.Reload();
    service.Ready();
  });
  with.log.Write(LogLevel::kInfo, "stopping",
                 {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  service.Stopping();
  StopPolling(exporter, with.log);
}

bool Once(const Surroundings& with, std::ostream& out) {
  Exporter exporter(with.config, with.factories, with.metrics, with.log);
  const bool polled = exporter.PollOnce();
  const auto page = exporter.publisher().page();
  for (const std::string_view piece : page->Pieces(exposition::Format::kText)) out << piece;
  out.flush();
  return polled;
}

}  // namespace backlogd::app
