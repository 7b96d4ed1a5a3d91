#pragma once

#include <string>

#include "exposition/page.h"

namespace backlogd::app {

inline std::string Text(const exposition::Page& page) {
  std::string text;
  for (const std::string_view piece : page.Pieces(exposition::Format::kText)) text += piece;
  return text;
}

}  // namespace backlogd::app
