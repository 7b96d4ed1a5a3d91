#include <iostream>
#include <span>

#include "app/run.h"
#include "cli/core_dumps.h"

int main(int argc, char** argv) {
  backlogd::cli::ForbidCoreDumps();
  return backlogd::app::Run(std::span(argv, static_cast<std::size_t>(argc)), std::cout, std::cerr);
}
