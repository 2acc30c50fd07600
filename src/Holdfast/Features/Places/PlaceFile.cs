using System.Buffers;
using System.IO.MemoryMappedFiles;
using Holdfast.Configuration;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Features.Places;

/// <param name="Problem">Why it is not used, as the end of a sentence that begins with the file; null when it is in use now.</param>
/// <param name="Metadata">Of the file that is in use now.</param>
public sealed record PlaceFileNews(string? Problem, MmdbMetadata? Metadata);

/// <summary>
/// The file of places that is in use, and its replacement while the server runs. A reader has either the old file or the new one, whole. What is mapped is a copy in the data folder that lost
/// its name before it got its content: nobody can shorten or change it under our feet (decision 11).
/// </summary>
public sealed class PlaceFile(string? path, string folder) : IDisposable
{
    public const string Key = "GeoIp:DatabasePath";

    private readonly Lock _gate = new();
    private MmdbFile? _current;
    private FileIdentity? _tried;
    private FileIdentity? _seen;
    private bool _isClosed;

    public string? Path { get; } = path is null ? null : System.IO.Path.GetFullPath(path);

    /// <summary>Opens the file of the settings, if there is one.</summary>
    /// <exception cref="SettingsException">It is missing, broken, or no file of places.</exception>
    public static PlaceFile Open(HoldfastSettings settings)
    {
        var file = new PlaceFile(settings.GeoIp.DatabasePath, settings.Server.DataPath);
        if (file.Path is null) return file;
        try
        {
            (file._current, file._tried) = Load(file.Path, file.FolderOfCopies);
            return file;
        }
        catch (Exception error) when (WhyNot(error) is { } problem)
        {
            throw new SettingsException(Key, $"{file.Path} {problem}");
        }
    }

    /// <summary>Reads a file without leaving or copying anything, for who only wants to know.</summary>
    /// <returns>What is wrong with it, or its metadata.</returns>
    public static PlaceFileNews Examine(string path)
    {
        try
        {
            if (FileIdentity.Of(path) is null) throw new FileNotFoundException();
            using var file = MmdbFile.Of(File.ReadAllBytes(path));
            return new PlaceFileNews(WhyUseless(file), file.Metadata);
        }
        catch (Exception error) when (WhyNot(error) is { } problem)
        {
            return new PlaceFileNews(problem, null);
        }
    }

    /// <summary>The file to read from; null without one. <see cref="MmdbFile.Release"/> it.</summary>
    public MmdbFile? Borrow()
    {
        while (Volatile.Read(ref _current) is { } file)
        {
            // Replaced in this very moment: the next one is there already.
            if (file.TryHold()) return file;
        }
        return null;
    }

    /// <summary>Shows the places of the example, unless a file is set.</summary>
    public void Show(MmdbFile example)
    {
        if (Path is null) Take(example);
        else example.Dispose();
    }

    /// <summary>
    /// Takes up a file that has replaced the one in use: once it has stood still from one look to the next, so that half a copy is not read. A broken one changes nothing but the log.
    /// </summary>
    /// <returns>What is new; null when nothing is.</returns>
    public PlaceFileNews? Look()
    {
        lock (_gate)
        {
            if (Path is null || _isClosed) return null;
            var now = FileIdentity.Of(Path);
            var stands = now == _seen;
            _seen = now;
            if (now == _tried || !stands) return null;
            _tried = now;
            try
            {
                (var fresh, _tried) = Load(Path, FolderOfCopies);
                Take(fresh);
                return new PlaceFileNews(null, fresh.Metadata);
            }
            catch (Exception error) when (WhyNot(error) is { } problem)
            {
                return new PlaceFileNews(problem, _current?.Metadata);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Interlocked.Exchange(ref _current, null)?.Dispose();
        }
    }

    private string FolderOfCopies { get; } = System.IO.Path.GetFullPath(folder);

    private void Take(MmdbFile fresh) => Interlocked.Exchange(ref _current, fresh)?.Dispose();

    private static (MmdbFile File, FileIdentity Identity) Load(string path, string folder)
    {
        if (FileIdentity.Of(path) is null) throw new FileNotFoundException();
        using var source = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        var before = FileIdentity.Of(source) ?? throw new FileNotFoundException();
        if (before.Length is 0 or > int.MaxValue) throw new MmdbException(before.Length == 0 ? "is empty" : "is larger than 2 GiB, which no file of cities and countries is");
        var file = MmdbFile.Of(Copy(source, (int)before.Length, folder), (int)before.Length);
        try
        {
            if (FileIdentity.Of(source) != before) throw new MmdbException("was changed while it was read");
            if (WhyUseless(file) is { } problem) throw new MmdbException(problem);
            return (file, before);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Copies into a file without a name. Its room on the disk is given back when it is unmapped, however the process ends.</summary>
    private static MemoryMappedFile Copy(SafeFileHandle source, int length, string folder)
    {
        SafeFileHandle copy;
        try
        {
            Directory.CreateDirectory(folder);
            var name = System.IO.Path.Combine(folder, $".places-{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8))}");
            copy = File.OpenHandle(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
            File.Delete(name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new MmdbException($"cannot be copied to {folder} ({error.Message.TrimEnd('.')})");
        }
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            for (long at = 0; at < length;)
            {
                var read = RandomAccess.Read(source, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - at)), at);
                if (read == 0) throw new MmdbException("was changed while it was read");
                RandomAccess.Write(copy, buffer.AsSpan(0, read), at);
                at += read;
            }
            return MemoryMappedFile.CreateFromFile(copy, null, length, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        }
        catch
        {
            copy.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A file of another purpose (networks' owners, proxies) is whole, but would leave every place unknown.</summary>
    private static string? WhyUseless(MmdbFile file) => file.CountSampledPlaces() > 0 ? null : $"is whole, but its records ({file.Metadata.Kind}) name neither cities nor countries";

    private static string? WhyNot(Exception error) => error switch
    {
        MmdbException broken => broken.Message,
        FileNotFoundException or DirectoryNotFoundException => "is not there, or is no ordinary file",
        UnauthorizedAccessException => "may not be read by this user",
        IOException io => $"cannot be read ({io.Message.TrimEnd('.')})",
        _ => null,
    };
}
