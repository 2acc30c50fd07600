using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Features.Deletion;
using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>A deletion that has begun, as the list holds it: ids, a number and a moment, which name nobody without the database.</summary>
/// <param name="Number">Of the deletion; 0 in lines that were written without it.</param>
/// <param name="Workspaces">What becomes of the workspaces that the person alone owned.</param>
public sealed record ErasedEntry(string AccountId, string DeletionId, DateTimeOffset At, long Number, IReadOnlyList<WorkspaceFate> Workspaces)
{
    /// <summary>Later than any moment that is written.</summary>
    private const long EndOfTime = 253_402_300_800_000;

    public static async Task<ErasedEntry> Of(ReadTx tx, DeletionCase begun) => new(begun.AccountId, begun.Id, begun.BegunAt ?? begun.AskedAt, begun.Number, await DeletionTable.Fates(tx, begun));

    /// <summary>Null when the line is no entry.</summary>
    public static ErasedEntry? Parse(string line)
    {
        if (line.Split(' ') is not [var account, var deletion, var at, .. var rest] || rest.Length > 2 || !Ids.IsWellFormed(account) || !Ids.IsWellFormed(deletion)) return null;
        if (!long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds >= EndOfTime) return null;
        var number = 0L;
        if (rest.Length > 0 && !long.TryParse(rest[0], NumberStyles.None, CultureInfo.InvariantCulture, out number)) return null;
        var fates = rest.Length < 2 ? [] : rest[1].Split(',').Select(one => one.Split('=')).Select(pair => new WorkspaceFate { WorkspaceId = pair[0], HeirId = pair.Length == 2 ? pair[1] : null }).ToList();
        return fates.TrueForAll(fate => Ids.IsWellFormed(fate.WorkspaceId) && (fate.HeirId is null || Ids.IsWellFormed(fate.HeirId))) ? new ErasedEntry(account, deletion, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), number, fates) : null;
    }

    /// <summary>Account, deletion, milliseconds, number; then the workspaces, if any, each with "=" and its heir where it has one.</summary>
    public override string ToString()
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{AccountId} {DeletionId} {At.ToUnixTimeMilliseconds()} {Number}");
        return Workspaces.Count == 0 ? line : $"{line} {string.Join(',', Workspaces.Select(fate => fate.HeirId is null ? fate.WorkspaceId : $"{fate.WorkspaceId}={fate.HeirId}"))}";
    }
}

/// <summary>
/// The accounts whose deletion has begun, in a file that no backup of the database holds: after an older backup is restored they are erased again. One line each, appended and flushed to the disk before any system is told. Several
/// servers may share one file: whoever writes has it alone.
/// </summary>
public sealed partial class ErasedList(string path)
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>How often, and how long between, a file is asked for that another server has at this moment.</summary>
    private const int Patience = 250;

    private readonly ConcurrentDictionary<string, byte> _known = new(StringComparer.Ordinal);
    private volatile bool _loaded;

    public string Path { get; } = path;

    public async Task<bool> Knows(string deletionId)
    {
        if (!_loaded) Note(await All());
        return _known.ContainsKey(deletionId);
    }

    /// <exception cref="SettingsException">The file is there and cannot be read.</exception>
    public async Task<IReadOnlyList<ErasedEntry>> All() => (await Read(Path)).Entries;

    /// <summary>Adds an entry that is not there yet, and returns when the disk has it.</summary>
    /// <returns>False when it was there.</returns>
    public async Task<bool> Add(ErasedEntry entry)
    {
        if (_known.ContainsKey(entry.DeletionId)) return false;
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        Directory.CreateDirectory(folder, Own | UnixFileMode.UserExecute);
        var isNew = !File.Exists(Path);
        await using (var file = await Patiently(() => new FileStream(Path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Own })))
        {
            // Others write to it as well: what counts is what stands there now.
            Note(Parse(await Lines(file)).Entries);
            if (_known.ContainsKey(entry.DeletionId)) return false;
            Append(file, entry);
        }
        // A new file is safe once the folder that names it is.
        if (isNew) FlushFolder(folder);
        _known[entry.DeletionId] = 0;
        return true;
    }

    /// <returns>What is in it, and how many lines are no entries; nothing where there is no file.</returns>
    /// <exception cref="SettingsException">The file is there and cannot be read.</exception>
    internal static async Task<(IReadOnlyList<ErasedEntry> Entries, int Unread)> Read(string path)
    {
        if (!File.Exists(path)) return ([], 0);
        try
        {
            await using var file = await Patiently(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
            return Parse(await Lines(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException("Deletion:ListPath", $"{path} cannot be read ({error.Message.TrimEnd('.')})");
        }
    }

    private static (IReadOnlyList<ErasedEntry> Entries, int Unread) Parse(string[] lines)
    {
        var entries = lines.Select(ErasedEntry.Parse).OfType<ErasedEntry>().ToList();
        return (entries, lines.Count(line => line.Length > 0) - entries.Count);
    }

    /// <summary>One write: a line that a power cut tore is no entry, and the next one begins on a line of its own.</summary>
    private static void Append(FileStream file, ErasedEntry entry)
    {
        var torn = file.Length > 0 && LastByte(file) != '\n';
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.ASCII.GetBytes($"{(torn ? "\n" : "")}{entry}\n"));
        file.Flush(flushToDisk: true);
    }

    private void Note(IReadOnlyList<ErasedEntry> entries)
    {
        foreach (var entry in entries) _known[entry.DeletionId] = 0;
        _loaded = true;
    }

    private static async Task<string[]> Lines(FileStream file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        return (await reader.ReadToEndAsync()).Split('\n');
    }

    private static async Task<FileStream> Patiently(Func<FileStream> open)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return open();
            }
            catch (IOException error) when (tries < Patience && error is not (FileNotFoundException or DirectoryNotFoundException))
            {
                await Task.Delay(20);
            }
        }
    }

    private static int LastByte(FileStream file)
    {
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte();
    }

    private static void FlushFolder(string folder)
    {
        var handle = Open(folder, 0);
        if (handle < 0) return;
        _ = Flush(handle);
        _ = Close(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
