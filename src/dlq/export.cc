#include "dlq/export.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ostream>
#include <string_view>

#include "dlq/export_contents.h"
#include "dlq/failure.h"
#include "dlq/gzip.h"

namespace backlogd::dlq {
namespace {

class File : public Export {
 public:
  explicit File(const std::filesystem::path& path) : path_(path), gzip_(path.extension() == ".gz") {
    // Whoever waits for the other end of a pipe waits for ever.
    descriptor_ = open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) {
      if (errno != ENOENT) Refuse(std::strerror(errno));
      DemandFolder();
      return;
    }
    try {
      Inspect();
    } catch (const Failure& e) {
      close(descriptor_);
      Refuse(e.what());
    }
  }
  ~File() override {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool Has(const RecordName& name, const std::string& line) const override {
    return contents_.records.Has(name, line);
  }
  void Append(const std::string& line) override { waiting_.append(line).append("\n"); }

  std::optional<Error> Flush() override {
    if (waiting_.empty()) return std::nullopt;
    const std::string bytes = gzip_ ? Gzip(waiting_) : waiting_;
    if (!Prepare() || !WriteAll(bytes) || fdatasync(descriptor_) != 0) {
      return Error{ErrorKind::kOther,
                   path_.string() + ": cannot be written: " + std::strerror(errno)};
    }
    waiting_.clear();
    return std::nullopt;
  }

 private:
  [[noreturn]] void Refuse(const std::string& why) const {
    throw Failure(path_.string() + ": cannot be used: " + why);
  }

  void DemandFolder() const {
    const auto folder = path_.has_parent_path() ? path_.parent_path() : ".";
    if (access(folder.c_str(), W_OK | X_OK) != 0) Refuse(std::strerror(errno));
  }

  void Inspect() {
    struct stat status = {};
    if (fstat(descriptor_, &status) != 0) throw Failure(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) throw Failure("it is not a regular file; name another one");
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) throw Failure("another process writes to it");
    // Its size may have changed before it was ours.
    if (fstat(descriptor_, &status) != 0) throw Failure(std::strerror(errno));
    contents_ = ReadExport(descriptor_, status.st_size, gzip_);
  }

  // Makes the file what Append() can go on with. False: errno says why not.
  bool Prepare() {
    if (prepared_) return true;
    if (descriptor_ < 0) {
      descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
      if (descriptor_ < 0 || flock(descriptor_, LOCK_EX | LOCK_NB) != 0) return false;
    }
    if (ftruncate(descriptor_, contents_.whole) != 0) return false;
    SyncFolder();
    return prepared_ = true;
  }

  // That the file is there must last too.
  void SyncFolder() const {
    const auto folder = path_.has_parent_path() ? path_.parent_path() : ".";
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    fsync(descriptor);
    close(descriptor);
  }

  bool WriteAll(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  std::filesystem::path path_;
  bool gzip_;
  int descriptor_ = -1;
  bool prepared_ = false;
  ExportContents contents_;
  std::string waiting_;
};

class Stream : public Export {
 public:
  explicit Stream(std::ostream& out) : out_(out) {}
  bool Has(const RecordName&, const std::string&) const override { return false; }
  void Append(const std::string& line) override { waiting_.append(line).append("\n"); }
  std::optional<Error> Flush() override {
    out_ << waiting_;
    waiting_.clear();
    if (out_.flush()) return std::nullopt;
    return Error{ErrorKind::kOther, "standard output cannot be written"};
  }

 private:
  std::ostream& out_;
  std::string waiting_;
};

}  // namespace

std::unique_ptr<Export> OpenExportFile(const std::filesystem::path& file) {
  return std::make_unique<File>(file);
}

std::unique_ptr<Export> ExportTo(std::ostream& out) { return std::make_unique<Stream>(out); }

}  // namespace backlogd::dlq
