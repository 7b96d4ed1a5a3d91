#pragma once

#include <map>
#include <string>

#include "config/config.h"
#include "exposition/self_metrics.h"
#include "http/http_server.h"
#include "status/board.h"

namespace backlogd::app {

// What people and their scripts ask for: the status page on "/" and its siblings, and the JSON
// under /api/v1. `board` must outlive the handlers. Each answer is made when it is asked for, from
// the newest reports; none asks Kafka or waits for a poll.
std::map<std::string, http::Handler> StatusRoutes(const config::Web& web,
                                                  const exposition::BuildInfo& build,
                                                  const status::Board& board);

// What is answered under /api/ where there is no route.
http::Response NoSuchApi(const http::Request& request);

}  // namespace backlogd::app
