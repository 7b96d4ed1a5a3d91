#pragma once

#include <string>
#include <string_view>

#include "status/board.h"
#include "status/parameters.h"

// The JSON under /api/v1, as docs/api.md promises it. Pure.
namespace backlogd::status {

struct JsonAnswer {
  int status = 200;  // else the body is {"error": "..."}
  std::string body;
};

JsonAnswer ErrorJson(int status, std::string_view message);

JsonAnswer ClustersJson(const View& view, const Parameters& parameters);
JsonAnswer GroupsJson(const View& view, const Parameters& parameters);
JsonAnswer GroupJson(const View& view, const Parameters& parameters);
JsonAnswer TopicsJson(const View& view, const Parameters& parameters);
JsonAnswer DeadLettersJson(const View& view, const Parameters& parameters);
JsonAnswer HealthJson(const View& view, const Parameters& parameters);

}  // namespace backlogd::status
