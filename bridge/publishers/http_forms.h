// The forms in which events travel in HTTP requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bridge/http/client.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

enum class HttpForm : std::uint8_t { binary, structured, batch, body, json_array, json_lines };

/// The words of the option `mode`, in the enumerators' order.
inline constexpr std::string_view kHttpForms = "binary|structured|batch|body|json-array|json-lines";

[[nodiscard]] HttpForm http_form_of(std::string_view word);
/// Whether a request of this form carries several events.
[[nodiscard]] bool is_batch(HttpForm form);

/// Fills in body, Content-Type and the headers of CloudEvents. A lone event's id is also the
/// Idempotency-Key. `events` is not empty, and has one event where the form is no batch; they
/// must stay until the call is answered.
void form_call(HttpForm form, std::span<const Event* const> events, http::Call& call);

/// Bytes that an event takes in a request's body, what stands between events included; in the form
/// `binary` also its key and subject, which are headers there.
[[nodiscard]] std::size_t size_in_form(HttpForm form, const Event& event);

}  // namespace copybridge::publishers
