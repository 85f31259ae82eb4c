// Requests and replies over IBM MQ: a request is put with ReplyToQ and an expiry and committed, the
// reply is known by its CorrelId.
#pragma once

#include <memory>

#include "bridge/publishers/exchange.h"

namespace copybridge::publishers {

/// Whose the reply queue is.
inline constexpr OptionSpec kReplyQueueOption{
    .name = "reply_queue",
    .type = OptionType::choice,
    .default_value = "own",
    .help =
        "For a route with reply: own means that all messages of reply_to_queue are for this "
        "bridge, which opens it for itself alone; shared has several bridges get from it what "
        "is theirs, by CorrelId.",
    .choices = "own|shared"};

/// What the program puts into the reply's CorrelId.
inline constexpr OptionSpec kReplyCorrelIdOption{
    .name = "reply_correl_id",
    .type = OptionType::choice,
    .default_value = "msg-id",
    .help =
        "For a route with reply, what is in the CorrelId of replies: msg-id is the request's "
        "MsgId, as programs do unless they are told otherwise; correl-id is its CorrelId, "
        "which the request asks for (MQRO_PASS_CORREL_ID).",
    .choices = "msg-id|correl-id"};

/// Of the publisher's options; see PublisherKind::make_exchange.
[[nodiscard]] std::unique_ptr<Exchange> make_mq_exchange(const PublisherContext& context,
                                                         const Options& options,
                                                         Diagnostics& diagnostics);

}  // namespace copybridge::publishers
