// One request under way at libcurl: how it is set up, and what came of it.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/core/clock.h"
#include "bridge/http/client.h"

namespace copybridge::http {

struct CloseEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// The values of the settings' secrets.
struct Passwords {
  std::string client_key;
  std::string proxy;
};

/// A request under way. Its address is given to libcurl.
struct Transfer {
  Call call;
  Done done;
  Easy easy;
  HeaderList headers;
  std::string proxy_password;  ///< that it was sent with
  std::array<char, CURL_ERROR_SIZE> error{};
  std::string body;
  std::size_t body_max = 0;
  bool is_body_cut = false;
  std::vector<std::pair<std::string, std::string>> answer_headers;  ///< of the last answer
  bool has_first_byte = false;
  bool is_head_whole = false;  ///< of the last answer: the empty line was there
  SteadyTime first_byte_limit;
};

/// Tells the transfer's handle everything; the transfer stays where it is until it has ended.
void set_up(Transfer& transfer, const ClientSettings& settings, const Passwords& passwords);

/// What came of a transfer that has ended; its body and headers are moved out.
[[nodiscard]] Answer answer_of(Transfer& transfer, CURLcode code);

/// Whether the proxy wanted another login (407); the endpoint has not seen the request then.
[[nodiscard]] bool is_refused_by_proxy(const Transfer& transfer);

}  // namespace copybridge::http
