#include "sim/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <list>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/version.h"
#include "config/load.h"
#include "sim/setting_flags.h"

namespace backlogd::sim {
namespace {

struct CommandWords {
  Flags::Command command;
  const char* name;
  const char* help;
};
constexpr CommandWords kCommands[] = {
    {Flags::Command::kProduce, "produce", "Produce what POST /push asks for, or by a schedule"},
    {Flags::Command::kConsume, "consume", "Consume as a group, with the faults that groups have"},
    {Flags::Command::kVerify, "verify", "Check that a topic delivers what is pushed"},
    {Flags::Command::kCapacity, "capacity",
     "Measure what a producer, a consumer and the broker can carry"},
};

// What CLI11 fills in. The texts must not move.
struct RawFlags {
  std::string config_file;
  std::string output;
  std::vector<std::string> listen_addresses;
  std::list<std::pair<std::string, std::string>> settings;  // key, text
};

CLI::Option* Setting(CLI::App& app, const std::string& key, const std::string& help,
                     RawFlags& raw) {
  std::string& text = raw.settings.emplace_back(key, "").second;
  return app.add_option(FlagOf(key), text, help)->check(cli::NotEmpty());
}

void AddGlobalFlags(CLI::App& app, RawFlags& raw) {
  app.add_option("--config.file", raw.config_file, "Configuration file; without one, the defaults")
      ->check(cli::NotEmpty())
      ->type_name("FILE");
  Setting(app, "kafka.bootstrap_servers",
          "Brokers to ask first, \"host:port,host:port\" (default localhost:9092)", raw)
      ->type_name("LIST");
  app.add_option("--web.listen-address", raw.listen_addresses,
                 "Address of POST /push, \"host:port\" or \":port\"; may be given several times "
                 "(default :12093)")
      ->allow_extra_args(false)
      ->check(cli::NotEmpty())
      ->type_name("ADDRESS");
  Setting(app, "topic", "The topic (default usa.offer)", raw)->type_name("NAME");
  Setting(app, "length", "End after that time (default at Ctrl-C)", raw)->type_name("TIME");
  Setting(app, "timeout", "How long Kafka may take for an answer (default 30s)", raw)
      ->type_name("TIME");
  app.add_option("--output", raw.output, "Of the report: text or json (default text)")
      ->check(cli::OneOf({"text", "json"}))
      ->type_name("FORMAT");
  app.set_version_flag("--version", cli::VersionLine("backlogd-sim"), "Print the version and end");
  app.set_help_flag("--help,-h", "Print this and end");
}

void AddCommand(CLI::App& app, const CommandWords& words, RawFlags& raw, Flags& flags) {
  CLI::App* command = app.add_subcommand(words.name, words.help)->fallthrough();
  command->callback([&flags, which = words.command] { flags.command = which; });
  const std::string prefix = std::string(words.name) + ".";
  for (const SettingFlag& flag : SettingFlags()) {
    if (!flag.key.starts_with(prefix)) continue;
    Setting(*command, std::string(flag.key), std::string(flag.help), raw)
        ->type_name(std::string(flag.type));
  }
}

[[noreturn]] void Refuse(const std::string& message) {
  throw UsageError(message +
                   "\nbacklogd-sim --help lists the commands, backlogd-sim COMMAND --help "
                   "its flags");
}

Flags Print(std::string text) {
  Flags flags;
  flags.text = std::move(text);
  if (!flags.text.ends_with('\n')) flags.text += '\n';
  return flags;
}

void RefuseParseError(const CLI::App& app, const CLI::ParseError& error) {
  if (const auto problem = cli::FindRepetition(app)) Refuse(*problem);
  for (const CLI::App* command : app.get_subcommands()) {
    if (const auto problem = cli::FindRepetition(*command)) Refuse(*problem);
  }
  if (app.get_subcommands().empty() && !app.remaining().empty()) {
    Refuse("there is no command '" + app.remaining().front() + "'");
  }
  Refuse(error.what());
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ",") + text;
  return joined;
}

}  // namespace

Flags ParseFlags(std::span<const char* const> args) {
  CLI::App app("Makes load like that of production on Apache Kafka, and measures it.",
               "backlogd-sim");
  RawFlags raw;
  Flags flags;
  AddGlobalFlags(app, raw);
  app.require_subcommand(1);
  for (const CommandWords& words : kCommands) AddCommand(app, words, raw, flags);
  if (const auto problem = cli::FindEmptyValue(args)) Refuse(*problem);
  try {
    app.parse(static_cast<int>(args.size()), args.data());
  } catch (const CLI::CallForHelp&) {
    return Print(app.help());
  } catch (const CLI::CallForVersion& e) {
    return Print(e.what());
  } catch (const CLI::ParseError& e) {
    RefuseParseError(app, e);
  }
  if (!raw.config_file.empty()) flags.config_file = raw.config_file;
  flags.json = raw.output == "json";
  for (auto& [key, text] : raw.settings) {
    if (!text.empty()) flags.settings[key] = std::move(text);
  }
  // Of capacity, the topic to measure on, wherever the flag stands.
  if (auto topic = flags.settings.extract("topic");
      flags.command == Flags::Command::kCapacity && !topic.empty()) {
    flags.settings.try_emplace("capacity.topic", std::move(topic.mapped()));
  } else if (!topic.empty()) {
    flags.settings.insert(std::move(topic));
  }
  if (!raw.listen_addresses.empty())
    flags.settings["listen_addresses"] = Joined(raw.listen_addresses);
  return flags;
}

config::Sim LoadSettings(const Flags& flags) {
  try {
    return config::LoadSim(flags.config_file, flags.settings);
  } catch (const config::ConfigError& e) {
    if (e.key().empty()) throw;
    Refuse(FlagOf(e.key()) + ": " + e.problem());
  }
}

}  // namespace backlogd::sim
