// Google Cloud Storage: the JSON API's multipart and resumable uploads.
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/percent.h"
#include "bridge/http/json.h"
#include "bridge/http/options.h"
#include "bridge/publishers/gcp/gcp_publishers.h"
#include "bridge/publishers/gcp/identity.h"
#include "bridge/publishers/objects/object_publisher.h"

namespace copybridge::publishers {
namespace {

using objects::Channel;
using objects::Created;
using objects::Object;
using objects::Stored;

/// Pieces of an upload are multiples of this, but for the last.
constexpr std::int64_t kPieceUnit = 262'144;

constexpr OptionSpec kOptions[] = {
    {.name = "bucket", .type = OptionType::text, .required = true, .help = "Name of the bucket."},
    {.name = "endpoint",
     .type = OptionType::text,
     .default_value = "https://storage.googleapis.com",
     .help = "URL of the service where it is another: a private endpoint, a local server."},
    {.name = "piece_bytes",
     .type = OptionType::integer,
     .default_value = "16777216",
     .help = "Larger objects go up in pieces of about this size, and are there when all are.",
     .min = kPieceUnit,
     .max = 1'073'741'824}};

constexpr auto kAllOptions = join_options(kOptions, objects::kObjectOptions, gcp::kIdentityOptions,
                                          http::kConnectionOptions);

class GcsStore final : public objects::ObjectStore {
 public:
  GcsStore(std::string base, const std::string& bucket, std::size_t piece_bytes)
      : base_(std::move(base)),
        bucket_(percent_encoded(bucket)),
        place_(fmt::format("{}/{}", base_, bucket_)),
        piece_bytes_(piece_bytes) {}

  const std::string& place() const override { return place_; }
  Stored<Created> create(Channel& channel, const Object& object) override;
  Stored<std::optional<std::string>> digest_of(Channel& channel, const std::string& name) override;

 private:
  [[nodiscard]] http::Call upload_call(std::string_view type) const;
  Stored<Created> put(Channel& channel, const Object& object) const;
  Stored<Created> put_in_pieces(Channel& channel, const Object& object) const;
  Stored<Created> send_pieces(Channel& channel, const Object& object,
                              const std::string& session) const;

  const std::string base_;
  const std::string bucket_;
  const std::string place_;
  const std::size_t piece_bytes_;
};

std::string description_of(const Object& object) {
  std::string text = R"({"name":)";
  append_json_string(text, object.name);
  return text + fmt::format(R"(,"contentType":"{}","metadata":{{"{}":"{}"}}}})",
                            object.content_type, objects::kDigestName, object.sha256);
}

http::Call GcsStore::upload_call(std::string_view type) const {
  http::Call call;
  call.url = fmt::format("{}/upload/storage/v1/b/{}/o?uploadType={}&ifGenerationMatch=0", base_,
                         bucket_, type);
  call.label = place_;
  return call;
}

/// An answer that is not good; nothing where it has that status.
std::optional<Response> other_than(int status, const http::Answer& answer) {
  if (auto failure = objects::failure_of(answer)) return failure;
  if (answer.status == status) return std::nullopt;
  return objects::refused_by_status(
      answer, http::json_text(answer.body, "/error/errors/0/reason").value_or(""));
}

Stored<Created> GcsStore::create(Channel& channel, const Object& object) {
  if (object.bytes.size() > piece_bytes_) return put_in_pieces(channel, object);
  return put(channel, object);
}

/// Description and bytes in one request (RFC 2387).
Stored<Created> GcsStore::put(Channel& channel, const Object& object) const {
  http::Call call = upload_call("multipart");
  // Nothing that is sent holds the object's own digest at the begin of a line but by design.
  const std::string boundary = "copybridge-" + object.sha256;
  call.headers = {"Content-Type: multipart/related; boundary=" + boundary};
  const std::string description = description_of(object);
  call.body.reserve(object.bytes.size() + description.size() + 512);
  call.body = fmt::format(
      "--{}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{}\r\n--{}"
      "\r\nContent-Type: {}\r\n\r\n",
      boundary, description, boundary, object.content_type);
  call.body.append(object.bytes).append("\r\n--").append(boundary).append("--\r\n");
  const http::Answer answer = channel.exchange(std::move(call));
  if (answer.status == 412) return Created::taken;
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  return Created::now;
}

Stored<Created> GcsStore::put_in_pieces(Channel& channel, const Object& object) const {
  http::Call call = upload_call("resumable");
  call.headers = {"Content-Type: application/json; charset=UTF-8",
                  fmt::format("X-Upload-Content-Type: {}", object.content_type),
                  fmt::format("X-Upload-Content-Length: {}", object.bytes.size())};
  call.body = description_of(object);
  const http::Answer answer = channel.exchange(std::move(call));
  if (answer.status == 412) return Created::taken;
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  const std::string session = objects::header_of(answer, "location");
  // The token goes nowhere else.
  if (!session.starts_with(base_ + "/")) {
    return tl::make_unexpected(objects::unexpected("the upload's address is another server's"));
  }
  return send_pieces(channel, object, session);
}

/// Every piece but the last is answered by 308.
Stored<Created> GcsStore::send_pieces(Channel& channel, const Object& object,
                                      const std::string& session) const {
  const std::size_t size = object.bytes.size();
  for (std::size_t at = 0; at < size; at += piece_bytes_) {
    const std::size_t end = std::min(at + piece_bytes_, size);
    http::Call call;
    call.method = "PUT";
    call.url = session;
    call.label = place_;
    call.headers = {fmt::format("Content-Type: {}", object.content_type),
                    fmt::format("Content-Range: bytes {}-{}/{}", at, end - 1, size)};
    call.outside_body = object.bytes.substr(at, end - at);
    const http::Answer answer = channel.exchange(std::move(call));
    if (answer.status == 412) return Created::taken;
    if (auto failed = other_than(end < size ? 308 : 200, answer)) {
      return tl::make_unexpected(std::move(*failed));
    }
    const std::string range = fmt::format("bytes=0-{}", end - 1);
    if (end < size && objects::header_of(answer, "range") != range) {
      return tl::make_unexpected(objects::unexpected("a piece was not taken whole"));
    }
    objects::note_part_sent();
  }
  return Created::now;
}

Stored<std::optional<std::string>> GcsStore::digest_of(Channel& channel, const std::string& name) {
  http::Call call;
  call.method = "GET";
  call.url =
      fmt::format("{}/storage/v1/b/{}/o/{}?fields=metadata", base_, bucket_, percent_encoded(name));
  call.label = place_;
  const http::Answer answer = channel.exchange(std::move(call));
  // A bucket that is not there says so, too; creating then fails.
  if (answer.failure == http::Failure::none && answer.status == 404) return std::nullopt;
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  return http::json_text(answer.body, fmt::format("/metadata/{}", objects::kDigestName))
      .value_or(std::string());
}

std::unique_ptr<Publisher> make_storage(const PublisherContext& context, const Options& options,
                                        Diagnostics& diagnostics) {
  http::check_endpoint(options, "endpoint", diagnostics);
  objects::ObjectSettings settings = objects::read_object_settings(context, options, diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  auto authorizer = gcp::make_authorizer(options, context.directory,
                                         "https://www.googleapis.com/auth/devstorage.read_write",
                                         context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  std::string base = options.text("endpoint");
  while (base.ends_with('/')) base.pop_back();
  const std::int64_t piece = options.integer("piece_bytes") / kPieceUnit * kPieceUnit;
  return objects::make_object_publisher(
      "gcp-storage", context, std::move(settings), std::move(client), std::move(authorizer),
      std::make_unique<GcsStore>(std::move(base), options.text("bucket"),
                                 static_cast<std::size_t>(piece)));
}

}  // namespace

const PublisherKind kGcpStoragePublisher{
    .kind = "gcp-storage",
    .help = "Writes events to objects of a Google Cloud Storage bucket, each event once.",
    .options = kAllOptions,
    .make = make_storage,
    .can_keep_bodies = true};

}  // namespace copybridge::publishers
