// URLs and answers of mqweb.
#include "bridge/mqweb/queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "bridge/core/option_rules.h"
#include "bridge/core/percent.h"
#include "bridge/http/json.h"

namespace copybridge::mqweb {
namespace {

/// Of the server's own text, which may be a page of HTML.
constexpr std::size_t kTextMax = 200;

/// A period in a queue manager's name is encoded as well.
std::string encoded_manager(std::string_view name) {
  std::string text;
  for (const char letter : percent_encoded(name)) {
    if (letter == '.') {
      text += "%2E";
    } else {
      text += letter;
    }
  }
  return text;
}

}  // namespace

Queue read_queue(const Options& options, Diagnostics& diagnostics) {
  Queue queue{.queue_manager = options.text("queue_manager"),
              .name = options.text("queue"),
              .resource = options.text("url"),
              .login = {}};
  while (queue.resource.ends_with('/')) queue.resource.pop_back();
  queue.resource +=
      fmt::format("/ibmmq/rest/v{}/messaging/qmgr/{}/queue/{}", options.integer("api_version"),
                  encoded_manager(queue.queue_manager), percent_encoded(queue.name));
  queue.login = {.url = queue.resource,
                 .headers = {},
                 .bearer = {},
                 .user = options.text("user"),
                 .password = options.secret("password"),
                 .insecure = options.boolean("insecure")};
  check_needs(options, "user", "password", diagnostics);
  check_needs(options, "password", "user", diagnostics);
  if (!options.is_given("url")) return queue;
  if (const Result<http::Url> url = http::check_url(queue.resource, queue.login); !url)
    diagnostics.error(options.where("url"), "'url': " + url.error().message);
  return queue;
}

http::Call make_call(const Queue& queue, std::string method, std::string_view tail) {
  http::Call call;
  call.method = std::move(method);
  call.url = queue.resource + std::string(tail);
  // Any value will do, but the header has to be there.
  call.headers = {"ibm-mq-rest-csrf-token: copybridge"};
  return call;
}

std::string details_of(std::string_view body) {
  const auto code = http::json_text(body, "/error/0/messageId");
  if (!code) return {};
  std::string text = http::json_text(body, "/error/0/message").value_or("");
  text.resize(std::min(text.size(), kTextMax));
  return *code + " " + text;
}

}  // namespace copybridge::mqweb
