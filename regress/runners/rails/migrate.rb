# Runs Rails' migrations up to version UPTO, under SEARCH_PATH, in the database that PGHOST and so on name.
require 'active_record'

ActiveRecord::Base.establish_connection(adapter: 'postgresql', host: ENV['PGHOST'], port: ENV['PGPORT'],
	username: ENV['PGUSER'], database: ENV['PGDATABASE'], schema_search_path: ENV['SEARCH_PATH'])
ActiveRecord::Migration.verbose = false
migrations = ActiveRecord::MigrationContext.new([File.join(__dir__, 'migrations')], ActiveRecord::SchemaMigration)
begin
	done = migrations.migrate { |migration| migration.version.to_s[5].to_i <= ENV['UPTO'].to_i }
	puts done.map(&:version).join(' ')
rescue StandardError => error
	warn error.message
	exit 1
end
