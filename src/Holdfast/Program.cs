return await Holdfast.Cli.CommandLine.Run(args);
