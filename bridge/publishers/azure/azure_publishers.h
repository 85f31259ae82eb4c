// The publishers of Azure's services.
#pragma once

#include "bridge/publishers/publisher.h"

namespace copybridge::publishers {

/// Queues and topics: batches over REST or AMQP.
extern const PublisherKind kAzureServiceBusPublisher;
/// Batches over REST or AMQP.
extern const PublisherKind kAzureEventHubsPublisher;
/// Custom topics, and topics of namespaces: batches of CloudEvents.
extern const PublisherKind kAzureEventGridPublisher;
/// Queues of a storage account: one message a request.
extern const PublisherKind kAzureQueuePublisher;
/// Blobs of JSON Lines, or files of a data lake: each event in one of them once.
extern const PublisherKind kAzureBlobPublisher;
/// Documents with ids made of the events': one a request.
extern const PublisherKind kAzureCosmosPublisher;

/// HTTP triggers with their own ways of a key.
extern const PublisherKind kAzureFunctionPublisher;
extern const PublisherKind kAzureLogicAppPublisher;
extern const PublisherKind kAzureApiManagementPublisher;

}  // namespace copybridge::publishers
