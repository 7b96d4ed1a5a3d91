#pragma once

#include <map>
#include <string>

#include "app/page_publisher.h"
#include "config/config.h"
#include "http/http_server.h"

namespace backlogd::app {

// The metrics, /-/healthy and /-/ready; for all else see status_routes.h.
// `publisher` must outlive the handlers. A scrape copies bytes and waits for nobody.
std::map<std::string, http::Handler> Routes(const config::Web& web, PagePublisher& publisher);

}  // namespace backlogd::app
