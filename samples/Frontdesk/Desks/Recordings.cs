using Frontdesk.Storage;

namespace Frontdesk.Desks;

/// <summary>Recordings of calls: files in a folder, named by the rows of calls.</summary>
public sealed class Recordings
{
    private readonly string _folder;

    /// <param name="folder">Made when it is not there, for its owner alone.</param>
    public Recordings(string folder) => _folder = Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;

    /// <summary>Written before the row that names it is: a file without a row is swept away, a row without its file would be a lie.</summary>
    public void Write(string name, byte[] sound) => File.WriteAllBytes(PathOf(name), sound);

    /// <summary>Null when there is no such file.</summary>
    public Stream? Open(string name) => File.Exists(PathOf(name)) ? File.OpenRead(PathOf(name)) : null;

    /// <summary>
    /// Deletes every file that no call names. In the database's turn, so that nobody is between writing a file and its row; at each start and after each erasure, so that it makes no difference where one was killed.
    /// </summary>
    public void KeepOnlyKnown(Db db) => db.Run(tx =>
    {
        var known = tx.Many<string>("SELECT recording FROM calls WHERE recording IS NOT NULL").ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(_folder).Where(file => !known.Contains(Path.GetFileName(file))).ToList()) File.Delete(file);
        return 0;
    });

    // Names are our own: a number and .wav.
    private string PathOf(string name) => Path.Combine(_folder, Path.GetFileName(name));
}
