using System.Buffers;
using System.Text.Json;
using Holdfast.Storage;

namespace Holdfast.Features.Audit;

/// <summary>
/// Writes a chain of the security log as NDJSON: a first line that says where it begins, one line for each entry, and a last line with its end. Every line has what its hash is made of, so that anybody can compute the chain again (docs/guides/audit-log.md).
/// Without the last line the file was cut.
/// </summary>
public sealed class ExportAudit(Db db)
{
    public const string Form = "holdfast/audit/1";

    /// <summary>What lines are sent as.</summary>
    public const string MediaType = "application/x-ndjson";

    private const int Page = 500;

    /// <summary>What a workspace may know of the personal side: names within it. Neither addresses nor browsers (SPEC S7).</summary>
    private static readonly HashSet<string> KnownHere = new(["workspace", "by", "role", "name", "app"], StringComparer.Ordinal);

    /// <summary>Where the chain ends now; null when nothing was sealed in it yet.</summary>
    public Task<ChainHead?> End(string chain) => db.Read(tx => AuditChainTable.Head(tx, chain));

    /// <param name="end">How far to write.</param>
    /// <param name="after">Number after which to begin; from what was pruned at the earliest. 0 begins at the beginning.</param>
    /// <param name="whole">With the personal sides and their salts; else with names of this workspace only.</param>
    public async Task Run(Stream to, ChainHead end, long after, bool whole, CancellationToken stop)
    {
        after = Math.Clamp(after, end.PrunedThrough, end.Number);
        var hash = after == end.PrunedThrough ? end.PrunedHash : await db.Read(tx => AuditChainTable.HashAt(tx, end.Chain, after), stop) ?? [];
        await Line(to, json =>
        {
            json.WriteString("holdfast", Form);
            json.WriteString("chain", end.Chain);
            json.WriteNumber("after", after);
            json.WriteString("hash", Convert.ToHexStringLower(hash));
        }, stop);
        for (var number = after; await db.Read(tx => AuditChainTable.Links(tx, end.Chain, number, end.Number, Page), stop) is { Count: > 0 } links; number = links[^1].Number)
        {
            foreach (var link in links) await Line(to, json => Write(json, link, whole), stop);
        }
        await Line(to, json =>
        {
            json.WriteNumber("end", end.Number);
            json.WriteString("hash", Convert.ToHexStringLower(end.Hash));
        }, stop);
    }

    private static void Write(Utf8JsonWriter json, ChainedEntry link, bool whole)
    {
        json.WriteNumber("number", link.Number);
        json.WriteString("id", link.EntryId);
        if (link.IsThere)
        {
            json.WriteNumber("at", link.At ?? 0);
            json.WriteString("time", DateTimeOffset.FromUnixTimeMilliseconds(link.At ?? 0).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteString("kind", link.Kind);
            json.WriteString("account", link.AccountId);
            json.WriteString("actor", link.ActorId);
            json.WriteString("session", link.SessionId);
            json.WriteString("workspace", link.WorkspaceId);
            json.WriteString("data", link.Data);
            json.WriteString("commitment", Convert.ToHexStringLower(link.Commitment ?? []));
            if (whole && link is { Details: not null, Salt: not null })
            {
                json.WriteString("salt", Convert.ToHexStringLower(link.Salt));
                json.WriteString("personal", link.Details);
            }
            else if (link.Details is not null) Known(json, link.Details);
        }
        json.WriteString("hash", Convert.ToHexStringLower(link.Hash));
    }

    private static void Known(Utf8JsonWriter json, string details)
    {
        json.WriteStartObject("names");
        foreach (var (name, value) in JsonSerializer.Deserialize(details, Web.WebJson.Default.DictionaryStringString)!.Where(fact => KnownHere.Contains(fact.Key))) json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static async Task Line(Stream to, Action<Utf8JsonWriter> write, CancellationToken stop)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        buffer.Write("\n"u8);
        await to.WriteAsync(buffer.WrittenMemory, stop);
    }
}
