#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "http/answering.h"
#include "http/http_server.h"

// Private to the room: from a request to its response, whatever carries them.
namespace backlogd::http {

Response PlainText(int status, std::string text);

// The exception being handled, in words. REQUIRES: called in a catch block
std::string ExceptionText();

// Null if there is none.
const Handler* Find(const std::map<std::string, Handler>& handlers, const std::string& path);

struct Asked {
  std::string_view method;
  const std::string& path;
  const Request& request;
};

// Calls the handler, if there is one for path and method.
Response ResponseTo(const Asked& asked, const ServerOptions& options, Answering& answering,
                    Log& log);

}  // namespace backlogd::http
