#pragma once

#include <microhttpd.h>

#include <memory>

#include "http/http_server.h"

namespace backlogd::http {

struct DestroyMhdResponse {
  void operator()(MHD_Response* response) const { MHD_destroy_response(response); }
};
using MhdResponse = std::unique_ptr<MHD_Response, DestroyMhdResponse>;

// `response` as libmicrohttpd wants it: for one answer only, which keeps `owner` and `body` alive
// until it is sent or given up. Throws std::runtime_error if a header is not valid.
MhdResponse ToMhdResponse(Response response);

}  // namespace backlogd::http
