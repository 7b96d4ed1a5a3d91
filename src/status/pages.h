#pragma once

#include <string>
#include <string_view>

#include "status/board.h"
#include "status/parameters.h"
#include "status/words.h"

// What a person's browser shows: HTML with a style sheet and one small script beside it;
// all is there without the script too. All links are
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
// Loads a page anew every 30 seconds, unless somebody is filling in its form or selecting text.
std::string_view RefreshScript();

}  // namespace backlogd::status
