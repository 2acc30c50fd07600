using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Support;

/// <summary>Keeps every log line that the server's own filters let through, with its values and exceptions.</summary>
public sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public string Everything => string.Join('\n', _lines);

    public ILogger CreateLogger(string categoryName) => new Lines_(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Lines_(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            capture._lines.Enqueue($"scope {category} {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new StringBuilder($"{logLevel} {category} {formatter(state, exception)}");
            if (state is IEnumerable<KeyValuePair<string, object?>> values) foreach (var (key, value) in values) line.Append(' ').Append(key).Append('=').Append(value);
            if (exception is not null) line.Append(' ').Append(exception);
            capture._lines.Enqueue(line.ToString());
        }
    }
}
