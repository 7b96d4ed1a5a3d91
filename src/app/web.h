#pragma once

#include <map>
#include <string>

#include "app/page_publisher.h"
#include "config/config.h"
#include "exposition/self_metrics.h"
#include "http/http_server.h"

namespace backlogd::app {

// What is served: the metrics, /-/healthy, /-/ready and a landing page on "/".
// `publisher` must outlive the handlers. A scrape copies bytes and waits for nobody.
std::map<std::string, http::Handler> Routes(const config::Web& web,
                                            const exposition::BuildInfo& build,
                                            PagePublisher& publisher);

// `text` for the inside of an HTML element or of a quoted attribute.
std::string EscapeHtml(std::string_view text);

}  // namespace backlogd::app
