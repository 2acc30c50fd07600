using System.Text.Json;
using System.Text.Json.Serialization;

namespace Holdfast.Features.Webhooks;

/// <summary>What an endpoint is told.</summary>
/// <param name="Type">Permanent name of the event, such as <c>sign_in.succeeded</c>.</param>
/// <param name="Timestamp">When it happened: the same at every try.</param>
public sealed record EventMessage(string Type, DateTimeOffset Timestamp, EventData Data)
{
    /// <summary>The same bytes at every try. Made of the entry alone, and never of its personal side: no name, address, browser or place stands in it, and none has to be erased from anywhere later.</summary>
    public static byte[] Of(LoggedEvent e)
    {
        var facts = e.Facts;
        var data = new EventData(e.Id, Id(e.AccountId), Id(e.ActorId), Id(e.WorkspaceId), Id(e.SessionId), EventTypes.Outcome(e.Kind), facts.GetValueOrDefault("method"),
            new SortedDictionary<string, string>(facts.Where(fact => EventTypes.Facts.Contains(fact.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal));
        return JsonSerializer.SerializeToUtf8Bytes(new EventMessage(e.Kind, e.At, data), EventJson.Default.EventMessage);
    }

    private static string? Id(string id) => id.Length == 0 ? null : id;
}

/// <param name="Id">Of the event: the same for every endpoint, and in the security log. Ids sort by time.</param>
/// <param name="Account">Whom it is about; null for somebody unknown, and for what is about nobody.</param>
/// <param name="Actor">Who did it; null for the server and for somebody unknown.</param>
/// <param name="Workspace">Null for what belongs to none.</param>
/// <param name="Session">In which session it was done; null outside of one. An id, which opens nothing.</param>
/// <param name="Outcome"><c>success</c> or <c>failure</c>.</param>
/// <param name="Method">What was proven with, such as <c>password</c>, or <c>password+totp</c>; null where nothing was.</param>
/// <param name="Facts">What there is to say besides, by <see cref="EventTypes.Facts"/>.</param>
public sealed record EventData(string Id, string? Account, string? Actor, string? Workspace, string? Session, string Outcome, string? Method, IReadOnlyDictionary<string, string> Facts);

[JsonSerializable(typeof(EventMessage))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class EventJson : JsonSerializerContext;
