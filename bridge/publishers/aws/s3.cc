// Amazon S3: PutObject, and multipart uploads of large objects (Amazon S3 API reference).
#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/percent.h"
#include "bridge/http/options.h"
#include "bridge/publishers/aws/answers.h"
#include "bridge/publishers/aws/aws_publishers.h"
#include "bridge/publishers/aws/keys.h"
#include "bridge/publishers/aws/xml.h"
#include "bridge/publishers/objects/object_publisher.h"

namespace copybridge::publishers {
namespace {

using objects::Channel;
using objects::Created;
using objects::Object;
using objects::Stored;

constexpr std::int64_t kPartMin = 5 << 20;  ///< of all but the last

constexpr OptionSpec kOptions[] = {
    {.name = "bucket", .type = OptionType::text, .required = true, .help = "Name of the bucket."},
    {.name = "part_bytes",
     .type = OptionType::integer,
     .default_value = "16777216",
     .help = "Larger objects go up in parts of this size, and are there when all are.",
     .min = kPartMin,
     .max = 1'073'741'824},
    {.name = "storage_class",
     .type = OptionType::text,
     .help = "Storage class of the objects, as STANDARD_IA; without it the bucket's usual one."},
    {.name = "kms_key_id",
     .type = OptionType::text,
     .help = "Key of AWS KMS that encrypts the objects; without it as the bucket says."}};

constexpr auto kAllOptions =
    join_options(kOptions, objects::kObjectOptions, aws::kAwsOptions, http::kConnectionOptions);

/// `&amp;` and the like do not occur in upload ids and names of ours.
std::vector<std::string> uploads_of(std::string_view xml, const std::string& key) {
  std::vector<std::string> ids;
  constexpr std::string_view kUpload = "<Upload>";
  for (std::size_t at = 0; (at = xml.find(kUpload, at)) != std::string_view::npos;) {
    const std::string_view upload = aws::xml_element(xml.substr(at), "Upload");
    if (aws::xml_element(upload, "Key") == key) {
      ids.emplace_back(aws::xml_element(upload, "UploadId"));
    }
    at += kUpload.size();
  }
  return ids;
}

class S3Store final : public objects::ObjectStore {
 public:
  S3Store(std::string base, std::size_t part_bytes, std::vector<std::string> headers)
      : base_(std::move(base)), part_bytes_(part_bytes), headers_(std::move(headers)) {}

  const std::string& place() const override { return base_; }
  Stored<Created> create(Channel& channel, const Object& object) override;
  Stored<std::optional<std::string>> digest_of(Channel& channel, const std::string& name) override;

 private:
  struct Upload {
    std::string id;
    std::vector<std::string> tags;  ///< of the parts, in order
  };

  void describe(http::Call& call, const Object& object) const;
  Stored<Created> put(Channel& channel, const Object& object) const;
  Stored<Created> put_in_parts(Channel& channel, const Object& object) const;
  [[nodiscard]] std::optional<Response> begin(Channel& channel, const Object& object,
                                              Upload& upload) const;
  [[nodiscard]] std::optional<Response> put_parts(Channel& channel, const Object& object,
                                                  Upload& upload) const;
  Stored<Created> complete(Channel& channel, const Object& object, const Upload& upload) const;
  void abort(Channel& channel, const std::string& name, const std::string& id) const;
  void abort_all(Channel& channel, const std::string& name) const;

  const std::string base_;
  const std::size_t part_bytes_;
  const std::vector<std::string> headers_;  ///< of every new object
};

void S3Store::describe(http::Call& call, const Object& object) const {
  call.headers = headers_;
  call.headers.push_back(fmt::format("Content-Type: {}", object.content_type));
  call.headers.push_back(fmt::format("x-amz-meta-{}: {}", objects::kDigestName, object.sha256));
}

/// An answer that is none of those expected; nothing where it has that status.
std::optional<Response> other_than(int status, const http::Answer& answer) {
  if (auto failure = objects::failure_of(answer)) return failure;
  if (answer.status == status) return std::nullopt;
  return objects::of_an_object(aws::refused(answer));
}

Stored<Created> S3Store::create(Channel& channel, const Object& object) {
  if (object.bytes.size() > part_bytes_) return put_in_parts(channel, object);
  return put(channel, object);
}

Stored<Created> S3Store::put(Channel& channel, const Object& object) const {
  http::Call call = objects::call_to(base_, "PUT", object.name);
  describe(call, object);
  call.headers.emplace_back("If-None-Match: *");
  call.outside_body = object.bytes;
  const http::Answer answer = channel.exchange(std::move(call));
  if (answer.status == 412) return Created::taken;
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  return Created::now;
}

Stored<Created> S3Store::put_in_parts(Channel& channel, const Object& object) const {
  if (object.is_repeat) abort_all(channel, object.name);
  Upload upload;
  if (auto failed = begin(channel, object, upload)) return tl::make_unexpected(std::move(*failed));
  if (auto failed = put_parts(channel, object, upload)) {
    abort(channel, object.name, upload.id);
    return tl::make_unexpected(std::move(*failed));
  }
  Stored<Created> created = complete(channel, object, upload);
  const bool is_left = created ? *created == Created::taken : true;
  if (is_left) abort(channel, object.name, upload.id);
  return created;
}

std::optional<Response> S3Store::begin(Channel& channel, const Object& object,
                                       Upload& upload) const {
  http::Call call = objects::call_to(base_, "POST", object.name, "uploads=");
  describe(call, object);
  const http::Answer answer = channel.exchange(std::move(call));
  if (auto failed = other_than(200, answer)) return failed;
  upload.id = aws::xml_element(answer.body, "UploadId");
  if (upload.id.empty()) return objects::unexpected("the answer names no upload");
  return std::nullopt;
}

std::optional<Response> S3Store::put_parts(Channel& channel, const Object& object,
                                           Upload& upload) const {
  for (std::size_t at = 0; at < object.bytes.size(); at += part_bytes_) {
    http::Call call =
        objects::call_to(base_, "PUT", object.name,
                         fmt::format("partNumber={}&uploadId={}", upload.tags.size() + 1,
                                     percent_encoded(upload.id)));
    call.outside_body = object.bytes.substr(at, part_bytes_);
    const http::Answer answer = channel.exchange(std::move(call));
    if (auto failed = other_than(200, answer)) return failed;
    upload.tags.push_back(objects::header_of(answer, "etag"));
    if (upload.tags.back().empty()) return objects::unexpected("the answer to a part has no ETag");
    objects::note_part_sent();
  }
  return std::nullopt;
}

/// An answer of 200 may hold an error: it was begun before the outcome was known.
Stored<Created> S3Store::complete(Channel& channel, const Object& object,
                                  const Upload& upload) const {
  http::Call call = objects::call_to(base_, "POST", object.name,
                                     fmt::format("uploadId={}", percent_encoded(upload.id)));
  call.headers = {"Content-Type: application/xml", "If-None-Match: *"};
  call.body = "<CompleteMultipartUpload>";
  for (std::size_t part = 0; part < upload.tags.size(); ++part) {
    call.body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", part + 1,
                             upload.tags[part]);
  }
  call.body += "</CompleteMultipartUpload>";
  const http::Answer answer = channel.exchange(std::move(call));
  const std::string code = aws::error_code(answer);
  if (answer.status == 412 || code == "PreconditionFailed") return Created::taken;
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  if (!code.empty()) return tl::make_unexpected(objects::unexpected("answered 200 " + code));
  return Created::now;
}

/// Parts cost room; where this fails the bucket's lifecycle has to remove them.
void S3Store::abort(Channel& channel, const std::string& name, const std::string& id) const {
  static_cast<void>(channel.exchange(
      objects::call_to(base_, "DELETE", name, fmt::format("uploadId={}", percent_encoded(id)))));
}

void S3Store::abort_all(Channel& channel, const std::string& name) const {
  http::Call call;
  call.method = "GET";
  call.label = base_;
  call.url = fmt::format("{}/?prefix={}&uploads=", base_, percent_encoded(name));
  const http::Answer answer = channel.exchange(std::move(call));
  if (other_than(200, answer)) return;
  for (const std::string& id : uploads_of(answer.body, name)) abort(channel, name, id);
}

Stored<std::optional<std::string>> S3Store::digest_of(Channel& channel, const std::string& name) {
  http::Answer answer = channel.exchange(objects::call_to(base_, "HEAD", name));
  if (answer.failure == http::Failure::none && answer.status == 404) return std::nullopt;
  if (answer.failure == http::Failure::none && answer.status == 403) {
    // An answer to HEAD does not say why.
    http::Call call = objects::call_to(base_, "GET", name);
    call.headers.emplace_back("Range: bytes=0-0");
    answer = channel.exchange(std::move(call));
  }
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  return objects::header_of(answer, fmt::format("x-amz-meta-{}", objects::kDigestName));
}

/// Names with a dot do not fit the certificates of virtual hosts.
std::string base_of(const Options& options, const std::string& region) {
  const std::string& bucket = options.text("bucket");
  std::string base = aws::endpoint_of(options, region, "s3");
  while (base.ends_with('/')) base.pop_back();
  const bool is_host = !options.is_given("endpoint") && bucket.find('.') == std::string::npos;
  if (!is_host) return base + "/" + percent_encoded(bucket);
  constexpr std::string_view kScheme = "https://";
  return std::string(kScheme) + bucket + "." + base.substr(kScheme.size());
}

std::unique_ptr<Publisher> make_s3(const PublisherContext& context, const Options& options,
                                   Diagnostics& diagnostics) {
  const std::string& region = options.text("region");
  objects::ObjectSettings settings = objects::read_object_settings(context, options, diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  // A list of uploads that were left behind.
  client.response_bytes_max = std::max<std::size_t>(client.response_bytes_max, 4'000'000);
  auto authorizer = aws::make_authorizer(options, {region, "s3"}, context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  std::vector<std::string> headers;
  if (options.is_given("storage_class")) {
    headers.push_back("x-amz-storage-class: " + options.text("storage_class"));
  }
  if (options.is_given("kms_key_id")) {
    headers.emplace_back("x-amz-server-side-encryption: aws:kms");
    headers.push_back("x-amz-server-side-encryption-aws-kms-key-id: " + options.text("kms_key_id"));
  }
  return objects::make_object_publisher(
      "aws-s3", context, std::move(settings), std::move(client), std::move(authorizer),
      std::make_unique<S3Store>(base_of(options, region),
                                static_cast<std::size_t>(options.integer("part_bytes")),
                                std::move(headers)));
}

}  // namespace

const PublisherKind kAwsS3Publisher{
    .kind = "aws-s3",
    .help = "Writes events to objects of an Amazon S3 bucket, each event once.",
    .options = kAllOptions,
    .make = make_s3,
    .can_keep_bodies = true};

}  // namespace copybridge::publishers
