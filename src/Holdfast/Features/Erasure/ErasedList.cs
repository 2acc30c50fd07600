using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>A deletion that has begun, as the list holds it: ids and a moment, which name nobody without the database.</summary>
public sealed record ErasedEntry(string AccountId, string DeletionId, DateTimeOffset At);

/// <summary>
/// The accounts whose deletion has begun, in a file that no backup of the database holds: after an older backup is restored they are erased again. One line each, appended and flushed to the disk before any system is told.
/// </summary>
public sealed class ErasedList(string path)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);
    private bool _loaded;

    public string Path { get; } = path;

    public bool Knows(string deletionId)
    {
        Load();
        return _known.ContainsKey(deletionId);
    }

    /// <exception cref="SettingsException">The file is there and cannot be read.</exception>
    public IReadOnlyList<ErasedEntry> All() => Read(Path, out _);

    /// <summary>Adds an entry that is not there yet, and returns when the disk has it.</summary>
    public void Add(ErasedEntry entry)
    {
        lock (_gate)
        {
            Load();
            if (_known.ContainsKey(entry.DeletionId)) return;
            const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!, Own | UnixFileMode.UserExecute);
            using var file = new FileStream(Path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = Own });
            var torn = file.Length > 0 && LastByte(file) != '\n';
            file.Seek(0, SeekOrigin.End);
            // One write: a line that a power cut tore is no entry, and the next one begins on a line of its own.
            file.Write(Encoding.ASCII.GetBytes($"{(torn ? "\n" : "")}{entry.AccountId} {entry.DeletionId} {entry.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}\n"));
            file.Flush(flushToDisk: true);
            _known[entry.DeletionId] = 0;
        }
    }

    /// <param name="unread">Lines that are no entries.</param>
    /// <exception cref="SettingsException">The file is there and cannot be read.</exception>
    internal static IReadOnlyList<ErasedEntry> Read(string path, out int unread)
    {
        unread = 0;
        var entries = new List<ErasedEntry>();
        if (!File.Exists(path)) return entries;
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException("Deletion:ListPath", $"{path} cannot be read ({error.Message.TrimEnd('.')})");
        }
        foreach (var line in lines)
        {
            if (line.Split(' ') is [var account, var deletion, var at] && Ids.IsWellFormed(account) && Ids.IsWellFormed(deletion) && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 253_402_300_800_000)
            {
                entries.Add(new ErasedEntry(account, deletion, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)));
            }
            else if (line.Length > 0) unread++;
        }
        return entries;
    }

    private void Load()
    {
        lock (_gate)
        {
            if (_loaded) return;
            foreach (var entry in Read(Path, out _)) _known[entry.DeletionId] = 0;
            _loaded = true;
        }
    }

    private static int LastByte(FileStream file)
    {
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte();
    }
}
