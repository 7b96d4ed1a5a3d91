#pragma once

#include <string>
#include <string_view>

#include "status/board.h"
#include "status/parameters.h"
#include "status/words.h"

// What a person's browser shows: HTML without scripts, with a style sheet beside it. All links are
// relative, so that the pages work behind a proxy's path. Pure.
namespace backlogd::status {

struct PageRequest {
  const View& view;
  const Parameters& parameters;
  Language language = Language::kEnglish;
};

struct HtmlAnswer {
  int status = 200;
  std::string body;
};

HtmlAnswer HomePage(const PageRequest& request);
HtmlAnswer GroupPage(const PageRequest& request);
HtmlAnswer TopicsPage(const PageRequest& request);
HtmlAnswer DeadLettersPage(const PageRequest& request);
HtmlAnswer DaemonPage(const PageRequest& request);

std::string_view StyleSheet();

}  // namespace backlogd::status
