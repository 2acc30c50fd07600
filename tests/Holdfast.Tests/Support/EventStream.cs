using System.Text.Json;

namespace Holdfast.Tests.Support;

/// <param name="Name">"" for a comment: a sign of life.</param>
public sealed record ServerEvent(string Name, JsonElement Data);

/// <summary>A stream of server-sent events that a visitor holds open.</summary>
public sealed class EventStream : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

    internal static async Task<EventStream> Of(HttpResponseMessage response) => new(response, await response.Content.ReadAsStreamAsync());

    public string? Header(string name) => _response.Headers.NonValidated.TryGetValues(name, out var values) || _response.Content.Headers.NonValidated.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    /// <summary>The next event or comment; null when the server has closed the stream in good order.</summary>
    public async Task<ServerEvent?> Next()
    {
        var (name, data) = ("", "{}");
        for (var first = true; ; first = false)
        {
            var line = await _reader.ReadLineAsync().WaitAsync(Patience, TimeProvider.System);
            if (line is null) return first ? null : throw new InvalidOperationException("Closed in the middle of an event");
            if (line.Length == 0) return new ServerEvent(name, JsonDocument.Parse(data).RootElement);
            if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
        }
    }

    /// <summary>The next event that is no sign of life.</summary>
    public async Task<ServerEvent?> Told()
    {
        while (true)
        {
            var next = await Next();
            if (next is not { Name: "" }) return next;
        }
    }

    /// <summary>The page is closed, or its computer gone.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
