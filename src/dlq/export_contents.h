#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dlq/record_json.h"

namespace backlogd::dlq {

// The records that a file of lines holds, each by its name and the fingerprint of its content: in a
// topic that was made anew, or of another cluster, other records have the same names.
class ExportedRecords {
 public:
  void Add(const RecordName& name, std::uint64_t fingerprint) {
    partitions_[{name.topic, name.partition}].emplace_back(name.offset, fingerprint);
  }
  void Sort();
  // Whether the record of `line`, whose name is `name`, is there. REQUIRES: Sort()
  bool Has(const RecordName& name, const std::string& line) const;

 private:
  std::map<std::pair<std::string, kafka::PartitionId>,
           std::vector<std::pair<kafka::Offset, std::uint64_t>>>
      partitions_;
};

struct ExportContents {
  ExportedRecords records;  // sorted
  off_t whole = 0;          // what lies behind was left unfinished: it is ours, and may be cut off
};

// What a regular file holds. Changes nothing. Throws Failure, without the file's name, if it holds
// anything but whole lines of ours and one unfinished one (`gzip`: members) at its end.
ExportContents ReadExport(int descriptor, off_t size, bool gzip);

}  // namespace backlogd::dlq
