#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "dlq/record_json.h"

namespace backlogd::dlq {

// Where lines of JSON go, each a record.
class Export {
 public:
  virtual ~Export() = default;

  // True if the record of `line` was there already when it was opened: the same name, and the same
  // timestamp, key, value and headers.
  virtual bool Has(const RecordName& name, const std::string& line) const = 0;
  // `line` without its end. Kept back until Flush().
  virtual void Append(const std::string& line) = 0;
  // From here on the lines last, whatever happens to the process or the machine.
  virtual std::optional<Error> Flush() = 0;
};

// Appends to the file; for a name that ends in ".gz" as one member of gzip for each Flush(). Until
// the first Flush() of a line nothing is changed: then the file is made if there is none, and what
// a killed process left unfinished at its end is cut off. Throws Failure if the file cannot be
// used: it cannot be opened, is no regular file, another process writes to it, or it holds
// anything else.
std::unique_ptr<Export> OpenExportFile(const std::filesystem::path& file);

// Has() nothing; Flush() hands the lines to the system.
std::unique_ptr<Export> ExportTo(std::ostream& out);

}  // namespace backlogd::dlq
