#pragma once

#include <map>
#include <string>

#include "app/page_publisher.h"
#include "app/reloader.h"
#include "config/config.h"
#include "http/http_server.h"

namespace backlogd::app {

// What tells whether we live and are ready, as Prometheus' own servers name it, and as other
// exporters and Kubernetes' do, so that probes made for those go on.
inline constexpr const char* kHealthyPaths[] = {"/-/healthy", "/healthz", "/livez",
                                                "/burrow/admin"};
inline constexpr const char* kReadyPaths[] = {"/-/ready", "/ready", "/readyz",
                                              "/burrow/admin/ready"};

// The metrics, and the paths above; for all else see status_routes.h.
// `publisher` must outlive the handlers. A scrape copies bytes and waits for nobody.
std::map<std::string, http::Handler> Routes(const config::Web& web, PagePublisher& publisher);

// What POST and PUT of kReloadPath do: a reload; 403 without a reloader, which outlives the
// handler. Waits for files and for a reload that is under way.
inline constexpr const char* kReloadPath = "/-/reload";
http::Handler ReloadHandler(Reloader* reloader);

}  // namespace backlogd::app
