#include "deadletters/exception_text.h"

#include <algorithm>
#include <array>

namespace backlogd::deadletters {
namespace {

constexpr std::string_view kCausedBy = "Caused by: ";
constexpr std::string_view kInnerOfDotNet = " ---> ";
// Behind these stands the cause, in the midst of a message.
constexpr std::array<std::string_view, 2> kNested = {"nested exception is ", "due to:\n"};
constexpr std::size_t kMaxNested = 4;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// What runtimes join names with: java.lang.X, Outer$Inner, ns::X, App\X, Generic`1, *json.X.
bool IsClassByte(char c) {
  return IsWordByte(c) || c == '.' || c == '$' || c == ':' || c == '\\' || c == '`' || c == '+' ||
         c == '*' || c == '/';
}

std::string_view Trim(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// Length of the class name that the text begins with; 0 if it begins with none. A word alone
// ("Write: disk full") is a class only if it says so ("TimeoutError: 3s").
std::size_t ClassLength(std::string_view text) {
  std::size_t size = 0;
  const std::size_t limit = std::min<std::size_t>(text.size(), 512);
  while (size < limit && IsClassByte(text[size])) ++size;
  if (size == limit && size < text.size()) return 0;
  if (size < text.size() && text[size] != '\n' && text[size] != '\r' && text[size] != ' ') return 0;
  const bool colon = size > 0 && text[size - 1] == ':';
  if (size < text.size() && text[size] == ' ' && !colon) return 0;
  if (colon) --size;
  const std::string_view name = text.substr(0, size);
  const bool says_so = name.ends_with("Exception") || name.ends_with("Error") ||
                       name.ends_with("Throwable") || name.ends_with("Timeout");
  const auto last = name.find_last_of(".$:\\+");
  const bool qualified = last != std::string_view::npos && last > 0 && last + 1 < size &&
                         name[last + 1] >= 'A' && name[last + 1] <= 'Z';
  return says_so || qualified ? size : 0;
}

bool IsFrame(std::string_view line) {
  const std::string_view text = Trim(line);
  return text.starts_with("at ") || text.starts_with("... ") || text.starts_with("--- ") ||
         text.starts_with("File \"") || text.starts_with("Suppressed: ");
}

// A line where the text of an exception ends.
bool EndsMessage(std::string_view line) {
  if (line.starts_with(kCausedBy) || line.starts_with(kInnerOfDotNet)) return true;
  return (line.starts_with('\t') || line.starts_with(' ')) && IsFrame(line);
}

// Takes the next line off the text.
std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// Faults as a trace prints them: each is put where the one after it is its cause.
struct PrintedFaults {
  std::array<std::string_view, FaultChain::kCapacity> texts = {};
  std::size_t size = 0;

  // If there are too many, the first stays and the second goes.
  void Add(std::string_view text) {
    if (size == texts.size()) {
      std::move(texts.begin() + 2, texts.end(), texts.begin() + 1);
      --size;
    }
    texts[size++] = text;
  }
};

// `line` and what follows it, as far as it belongs to the same message.
std::string_view TakeMessage(std::string_view line, std::string_view& rest) {
  const char* const begin = line.data();
  const char* end = begin + line.size();
  std::string_view ahead = rest;
  while (!ahead.empty()) {
    const std::string_view next = TakeLine(ahead);
    if (EndsMessage(next)) break;
    if (next.data() + next.size() <= begin + kMaxTextBytes) end = next.data() + next.size();
    rest = ahead;
  }
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

void AddPrinted(std::string_view text, bool at_start, PrintedFaults& found) {
  bool first = at_start;
  while (!text.empty()) {
    std::string_view line = TakeLine(text);
    if (line.starts_with(kCausedBy)) {
      line.remove_prefix(kCausedBy.size());
    } else if (line.starts_with(kInnerOfDotNet)) {
      line.remove_prefix(kInnerOfDotNet.size());
    } else if (!first || IsFrame(line)) {
      first = false;
      continue;
    }
    first = false;
    found.Add(TakeMessage(line, text));
  }
}

// Python prints the cause first. Its exceptions are the lines that are not indented.
void AddPython(std::string_view trace, FaultChain& chain) {
  for (std::string_view rest = trace; !rest.empty();) {
    const std::string_view line = TakeLine(rest);
    if (line.empty() || line.front() == ' ' || ClassLength(line) == 0) continue;
    chain.AddOuter(ParseFault(line));
  }
}

// The message behind "<start> ... <end>", or all of it if it does not look so.
std::string_view Behind(std::string_view message, std::string_view start, std::string_view end) {
  if (!message.starts_with(start)) return message;
  const auto found = message.find(end);
  return found == std::string_view::npos ? message : message.substr(found + end.size());
}

std::string_view WithoutSignature(std::string_view message) {
  if (message.starts_with("Listener method ")) {
    if (const auto thrown = message.find("threw exception"); thrown != std::string_view::npos) {
      message.remove_prefix(thrown + std::string_view("threw exception").size());
      return message.substr(std::min(message.find_first_not_of("; "), message.size()));
    }
    message = Behind(message, "Listener method could not be invoked", "]; ");
  }
  message = Behind(message, "Listener failed; ", "; ");
  message = Behind(message, "error occurred in message handler [", "]; ");
  message = Behind(message, "error occurred during processing message in ", "]; ");
  message = Behind(message, "Could not resolve method parameter at index ", "error(s): ");
  if (message.starts_with("Could not resolve method parameter at index ")) {
    message = Behind(message, "Could not resolve method parameter at index ", "): ");
  }
  return message;
}

// Where what is nested in a message begins, and how long the words before it are.
struct Nested {
  std::size_t at = std::string_view::npos;
  std::size_t words = 0;
};

Nested FindNested(std::string_view message) {
  Nested first;
  for (const std::string_view words : kNested) {
    const std::size_t at = message.find(words);
    if (at < first.at) first = {at, words.size()};
  }
  return first;
}

}  // namespace

void FaultChain::AddOuter(Fault fault) {
  fault.message = WithoutDecoration(fault.message);
  std::array<Fault, kMaxNested> nested;
  std::size_t depth = 0;
  nested[depth++] = fault;
  while (depth < kMaxNested) {
    Fault& outer = nested[depth - 1];
    const auto [at, words] = FindNested(outer.message);
    if (at == std::string_view::npos) break;
    const Fault inner = ParseFault(outer.message.substr(at + words));
    outer.message = Trim(outer.message.substr(0, at));
    nested[depth++] = inner;
  }
  if (depth == 1 && ClassLength(fault.message) > 0) nested[depth++] = ParseFault(fault.message);
  while (depth > 0) Push(nested[--depth]);
}

void FaultChain::Push(const Fault& fault) {
  if (fault.type.empty() && fault.message.empty()) return;
  const auto says_the_same = [&](const Fault& known) {
    return known.type == fault.type && (fault.message.empty() || known.message == fault.message);
  };
  if (std::any_of(begin(), end(), says_the_same)) return;
  if (size_ < kCapacity) faults_[size_++] = fault;
}

Fault ParseFault(std::string_view text) {
  text = Trim(text);
  const std::size_t size = ClassLength(text);
  if (size == 0) return {"", text.substr(0, kMaxTextBytes)};
  std::string_view message = text.substr(size);
  if (message.starts_with(':')) message.remove_prefix(1);
  return {text.substr(0, size), WithoutDecoration(message)};
}

std::string_view WithoutDecoration(std::string_view message) {
  message = message.substr(0, kMaxTextBytes);
  message = WithoutSignature(Trim(message));
  for (const std::string_view end : {", failedMessage=", "failedMessage=GenericMessage"}) {
    message = message.substr(0, message.find(end));
  }
  return Trim(message);
}

void AddTrace(std::string_view trace, FaultChain& chain) {
  const bool long_trace = trace.size() > kMaxTraceBytes;
  const std::string_view head = trace.substr(0, long_trace ? kMaxTraceBytes / 2 : trace.size());
  const std::string_view tail =
      long_trace ? trace.substr(trace.size() - kMaxTraceBytes / 2) : std::string_view();
  if (trace.starts_with("Traceback (")) {
    AddPython(head, chain);
    AddPython(tail, chain);
    return;
  }
  PrintedFaults printed;
  AddPrinted(head, true, printed);
  AddPrinted(tail, false, printed);
  while (printed.size > 0) chain.AddOuter(ParseFault(printed.texts[--printed.size]));
}

}  // namespace backlogd::deadletters
