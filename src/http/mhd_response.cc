#include "http/mhd_response.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backlogd::http {
namespace {

constexpr std::size_t kBlockBytes = 65536;  // copied and sent at once

// What the library refers to while it sends one answer.
struct Content {
  explicit Content(Response given) : response(std::move(given)), unsent(response.pieces) {
    if (unsent.empty()) unsent.push_back(response.body);
    std::erase_if(unsent, [](std::string_view piece) { return piece.empty(); });
  }

  Response response;
  std::vector<std::string_view> unsent;
  std::size_t next = 0;  // in `unsent`: the piece to copy from
};

void FreeContent(void* content) { delete static_cast<Content*>(content); }

// Called for one block after the other, from the first byte to the last.
ssize_t CopyBlock(void* closure, std::uint64_t /*position*/, char* block, std::size_t room) {
  auto& content = *static_cast<Content*>(closure);
  std::size_t copied = 0;
  while (copied < room && content.next < content.unsent.size()) {
    std::string_view& piece = content.unsent[content.next];
    const std::size_t size = piece.copy(block + copied, room - copied);
    piece.remove_prefix(size);
    copied += size;
    if (piece.empty()) ++content.next;
  }
  return copied == 0 ? MHD_CONTENT_READER_END_OF_STREAM : static_cast<ssize_t>(copied);
}

// One piece, or none, is sent from where it is. Several are copied block by block: libmicrohttpd
// could send them in place too, but wants memory of the connection for that, and 0.9.75 aborts the
// program when the request, or what was pipelined behind it, has left too little.
MHD_Response* ToResponse(Content& content) {
  if (content.unsent.size() <= 1) {
    MHD_IoVec whole{};
    if (!content.unsent.empty()) whole = {content.unsent[0].data(), content.unsent[0].size()};
    return MHD_create_response_from_iovec(&whole, 1, &FreeContent, &content);
  }
  std::uint64_t size = 0;
  for (std::string_view piece : content.unsent) size += piece.size();
  return MHD_create_response_from_callback(size, kBlockBytes, &CopyBlock, &content, &FreeContent);
}

void AddHeader(MHD_Response* response, const std::string& name, const std::string& value) {
  if (MHD_add_response_header(response, name.c_str(), value.c_str()) != MHD_YES) {
    throw std::runtime_error("not a valid response header: " + name);
  }
}

}  // namespace

MhdResponse ToMhdResponse(Response response) {
  auto content = std::make_unique<Content>(std::move(response));
  MhdResponse made(ToResponse(*content));
  if (made == nullptr) throw std::bad_alloc();
  const Response& given = content.release()->response;  // now `made` owns the content
  AddHeader(made.get(), MHD_HTTP_HEADER_CONTENT_TYPE, given.content_type);
  AddHeader(made.get(), "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : given.headers) AddHeader(made.get(), name, value);
  return made;
}

}  // namespace backlogd::http
