SET NAMES utf8mb4;
SET foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
CREATE TABLE `alembic_version` (
  `version_num` varchar(32) NOT NULL,
  PRIMARY KEY (`version_num`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `alembic_version` VALUES
('acf3f17fdcc7');
CREATE TABLE `datasets` (
  `dataset_uuid` varchar(36) NOT NULL,
  `experiment_id` int(11) NOT NULL,
  `name` varchar(500) NOT NULL,
  `digest` varchar(36) NOT NULL,
  `dataset_source_type` varchar(36) NOT NULL,
  `dataset_source` text NOT NULL,
  `dataset_schema` text DEFAULT NULL,
  `dataset_profile` mediumtext DEFAULT NULL,
  PRIMARY KEY (`experiment_id`,`name`,`digest`),
  KEY `index_datasets_dataset_uuid` (`dataset_uuid`),
  KEY `index_datasets_experiment_id_dataset_source_type` (`experiment_id`,`dataset_source_type`),
  CONSTRAINT `datasets_ibfk_1` FOREIGN KEY (`experiment_id`) REFERENCES `experiments` (`experiment_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `experiment_tags` (
  `key` varchar(250) NOT NULL,
  `value` varchar(5000) DEFAULT NULL,
  `experiment_id` int(11) NOT NULL,
  PRIMARY KEY (`key`,`experiment_id`),
  KEY `experiment_id` (`experiment_id`),
  CONSTRAINT `experiment_tags_ibfk_1` FOREIGN KEY (`experiment_id`) REFERENCES `experiments` (`experiment_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `experiment_tags` VALUES
('team','a',1);
CREATE TABLE `experiments` (
  `experiment_id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(256) NOT NULL,
  `artifact_location` varchar(256) DEFAULT NULL,
  `lifecycle_stage` varchar(32) DEFAULT NULL,
  `creation_time` bigint(20) DEFAULT NULL,
  `last_update_time` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`experiment_id`),
  UNIQUE KEY `name` (`name`),
  CONSTRAINT `experiments_lifecycle_stage` CHECK (`lifecycle_stage` in ('active','deleted'))
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `experiments` VALUES
(0,'Default','./mlruns/0','active',1795874637469,1795874637469),
(1,'Größe und Gewicht','mlflow-artifacts:/1','active',1795874637477,1795874637477);
CREATE TABLE `input_tags` (
  `input_uuid` varchar(36) NOT NULL,
  `name` varchar(255) NOT NULL,
  `value` varchar(500) NOT NULL,
  PRIMARY KEY (`input_uuid`,`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `inputs` (
  `input_uuid` varchar(36) NOT NULL,
  `source_type` varchar(36) NOT NULL,
  `source_id` varchar(36) NOT NULL,
  `destination_type` varchar(36) NOT NULL,
  `destination_id` varchar(36) NOT NULL,
  PRIMARY KEY (`source_type`,`source_id`,`destination_type`,`destination_id`),
  KEY `index_inputs_input_uuid` (`input_uuid`),
  KEY `index_inputs_destination_type_destination_id_source_type` (`destination_type`,`destination_id`,`source_type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `latest_metrics` (
  `key` varchar(250) NOT NULL,
  `value` double NOT NULL,
  `timestamp` bigint(20) DEFAULT NULL,
  `step` bigint(20) NOT NULL,
  `is_nan` tinyint(1) NOT NULL,
  `run_uuid` varchar(32) NOT NULL,
  PRIMARY KEY (`key`,`run_uuid`),
  KEY `index_latest_metrics_run_uuid` (`run_uuid`),
  CONSTRAINT `latest_metrics_ibfk_1` FOREIGN KEY (`run_uuid`) REFERENCES `runs` (`run_uuid`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`is_nan` in (0,1))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `latest_metrics` VALUES
('loss',0.05,1700000000019,19,0,'3ae106c3aebf4b72b5f47dc11f7e8803'),
('loss',0.05,1700000000019,19,0,'4614c90f009744ae973fb4ecc4dcb884'),
('loss',0.05,1700000000019,19,0,'d48f5269ad514d5884aa9b0c374d9057'),
('nan',0,1700000000000,0,1,'3ae106c3aebf4b72b5f47dc11f7e8803'),
('nan',0,1700000000000,0,1,'4614c90f009744ae973fb4ecc4dcb884'),
('nan',0,1700000000000,0,1,'d48f5269ad514d5884aa9b0c374d9057');
CREATE TABLE `metrics` (
  `key` varchar(250) NOT NULL,
  `value` double NOT NULL,
  `timestamp` bigint(20) NOT NULL,
  `run_uuid` varchar(32) NOT NULL,
  `step` bigint(20) NOT NULL DEFAULT 0,
  `is_nan` tinyint(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (`key`,`timestamp`,`step`,`run_uuid`,`value`,`is_nan`),
  KEY `index_metrics_run_uuid` (`run_uuid`),
  CONSTRAINT `metrics_ibfk_1` FOREIGN KEY (`run_uuid`) REFERENCES `runs` (`run_uuid`),
  CONSTRAINT `CONSTRAINT_1` CHECK (`is_nan` in (0,1)),
  CONSTRAINT `CONSTRAINT_2` CHECK (`is_nan` in (0,1))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `metrics` VALUES
('loss',1,1700000000000,'3ae106c3aebf4b72b5f47dc11f7e8803',0,0),
('loss',1,1700000000000,'4614c90f009744ae973fb4ecc4dcb884',0,0),
('loss',1,1700000000000,'d48f5269ad514d5884aa9b0c374d9057',0,0),
('loss',0.5,1700000000001,'3ae106c3aebf4b72b5f47dc11f7e8803',1,0),
('loss',0.5,1700000000001,'4614c90f009744ae973fb4ecc4dcb884',1,0),
('loss',0.5,1700000000001,'d48f5269ad514d5884aa9b0c374d9057',1,0),
('loss',0.3333333333333333,1700000000002,'3ae106c3aebf4b72b5f47dc11f7e8803',2,0),
('loss',0.3333333333333333,1700000000002,'4614c90f009744ae973fb4ecc4dcb884',2,0),
('loss',0.3333333333333333,1700000000002,'d48f5269ad514d5884aa9b0c374d9057',2,0),
('loss',0.25,1700000000003,'3ae106c3aebf4b72b5f47dc11f7e8803',3,0),
('loss',0.25,1700000000003,'4614c90f009744ae973fb4ecc4dcb884',3,0),
('loss',0.25,1700000000003,'d48f5269ad514d5884aa9b0c374d9057',3,0),
('loss',0.2,1700000000004,'3ae106c3aebf4b72b5f47dc11f7e8803',4,0),
('loss',0.2,1700000000004,'4614c90f009744ae973fb4ecc4dcb884',4,0),
('loss',0.2,1700000000004,'d48f5269ad514d5884aa9b0c374d9057',4,0),
('loss',0.16666666666666666,1700000000005,'3ae106c3aebf4b72b5f47dc11f7e8803',5,0),
('loss',0.16666666666666666,1700000000005,'4614c90f009744ae973fb4ecc4dcb884',5,0),
('loss',0.16666666666666666,1700000000005,'d48f5269ad514d5884aa9b0c374d9057',5,0),
('loss',0.14285714285714285,1700000000006,'3ae106c3aebf4b72b5f47dc11f7e8803',6,0),
('loss',0.14285714285714285,1700000000006,'4614c90f009744ae973fb4ecc4dcb884',6,0),
('loss',0.14285714285714285,1700000000006,'d48f5269ad514d5884aa9b0c374d9057',6,0),
('loss',0.125,1700000000007,'3ae106c3aebf4b72b5f47dc11f7e8803',7,0),
('loss',0.125,1700000000007,'4614c90f009744ae973fb4ecc4dcb884',7,0),
('loss',0.125,1700000000007,'d48f5269ad514d5884aa9b0c374d9057',7,0),
('loss',0.1111111111111111,1700000000008,'3ae106c3aebf4b72b5f47dc11f7e8803',8,0),
('loss',0.1111111111111111,1700000000008,'4614c90f009744ae973fb4ecc4dcb884',8,0),
('loss',0.1111111111111111,1700000000008,'d48f5269ad514d5884aa9b0c374d9057',8,0),
('loss',0.1,1700000000009,'3ae106c3aebf4b72b5f47dc11f7e8803',9,0),
('loss',0.1,1700000000009,'4614c90f009744ae973fb4ecc4dcb884',9,0),
('loss',0.1,1700000000009,'d48f5269ad514d5884aa9b0c374d9057',9,0),
('loss',0.09090909090909091,1700000000010,'3ae106c3aebf4b72b5f47dc11f7e8803',10,0),
('loss',0.09090909090909091,1700000000010,'4614c90f009744ae973fb4ecc4dcb884',10,0),
('loss',0.09090909090909091,1700000000010,'d48f5269ad514d5884aa9b0c374d9057',10,0),
('loss',0.08333333333333333,1700000000011,'3ae106c3aebf4b72b5f47dc11f7e8803',11,0),
('loss',0.08333333333333333,1700000000011,'4614c90f009744ae973fb4ecc4dcb884',11,0),
('loss',0.08333333333333333,1700000000011,'d48f5269ad514d5884aa9b0c374d9057',11,0),
('loss',0.07692307692307693,1700000000012,'3ae106c3aebf4b72b5f47dc11f7e8803',12,0),
('loss',0.07692307692307693,1700000000012,'4614c90f009744ae973fb4ecc4dcb884',12,0),
('loss',0.07692307692307693,1700000000012,'d48f5269ad514d5884aa9b0c374d9057',12,0),
('loss',0.07142857142857142,1700000000013,'3ae106c3aebf4b72b5f47dc11f7e8803',13,0),
('loss',0.07142857142857142,1700000000013,'4614c90f009744ae973fb4ecc4dcb884',13,0),
('loss',0.07142857142857142,1700000000013,'d48f5269ad514d5884aa9b0c374d9057',13,0),
('loss',0.06666666666666667,1700000000014,'3ae106c3aebf4b72b5f47dc11f7e8803',14,0),
('loss',0.06666666666666667,1700000000014,'4614c90f009744ae973fb4ecc4dcb884',14,0),
('loss',0.06666666666666667,1700000000014,'d48f5269ad514d5884aa9b0c374d9057',14,0),
('loss',0.0625,1700000000015,'3ae106c3aebf4b72b5f47dc11f7e8803',15,0),
('loss',0.0625,1700000000015,'4614c90f009744ae973fb4ecc4dcb884',15,0),
('loss',0.0625,1700000000015,'d48f5269ad514d5884aa9b0c374d9057',15,0),
('loss',0.058823529411764705,1700000000016,'3ae106c3aebf4b72b5f47dc11f7e8803',16,0),
('loss',0.058823529411764705,1700000000016,'4614c90f009744ae973fb4ecc4dcb884',16,0),
('loss',0.058823529411764705,1700000000016,'d48f5269ad514d5884aa9b0c374d9057',16,0),
('loss',0.05555555555555555,1700000000017,'3ae106c3aebf4b72b5f47dc11f7e8803',17,0),
('loss',0.05555555555555555,1700000000017,'4614c90f009744ae973fb4ecc4dcb884',17,0),
('loss',0.05555555555555555,1700000000017,'d48f5269ad514d5884aa9b0c374d9057',17,0),
('loss',0.05263157894736842,1700000000018,'3ae106c3aebf4b72b5f47dc11f7e8803',18,0),
('loss',0.05263157894736842,1700000000018,'4614c90f009744ae973fb4ecc4dcb884',18,0),
('loss',0.05263157894736842,1700000000018,'d48f5269ad514d5884aa9b0c374d9057',18,0),
('loss',0.05,1700000000019,'3ae106c3aebf4b72b5f47dc11f7e8803',19,0),
('loss',0.05,1700000000019,'4614c90f009744ae973fb4ecc4dcb884',19,0),
('loss',0.05,1700000000019,'d48f5269ad514d5884aa9b0c374d9057',19,0),
('nan',0,1700000000000,'3ae106c3aebf4b72b5f47dc11f7e8803',0,1),
('nan',0,1700000000000,'4614c90f009744ae973fb4ecc4dcb884',0,1),
('nan',0,1700000000000,'d48f5269ad514d5884aa9b0c374d9057',0,1);
CREATE TABLE `model_version_tags` (
  `key` varchar(250) NOT NULL,
  `value` varchar(5000) DEFAULT NULL,
  `name` varchar(256) NOT NULL,
  `version` int(11) NOT NULL,
  PRIMARY KEY (`key`,`name`,`version`),
  KEY `name` (`name`,`version`),
  CONSTRAINT `model_version_tags_ibfk_1` FOREIGN KEY (`name`, `version`) REFERENCES `model_versions` (`name`, `version`) ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `model_versions` (
  `name` varchar(256) NOT NULL,
  `version` int(11) NOT NULL,
  `creation_time` bigint(20) DEFAULT NULL,
  `last_updated_time` bigint(20) DEFAULT NULL,
  `description` varchar(5000) DEFAULT NULL,
  `user_id` varchar(256) DEFAULT NULL,
  `current_stage` varchar(20) DEFAULT NULL,
  `source` varchar(500) DEFAULT NULL,
  `run_id` varchar(32) DEFAULT NULL,
  `status` varchar(20) DEFAULT NULL,
  `status_message` varchar(500) DEFAULT NULL,
  `run_link` varchar(500) DEFAULT NULL,
  `storage_location` varchar(500) DEFAULT NULL,
  PRIMARY KEY (`name`,`version`),
  CONSTRAINT `model_versions_ibfk_1` FOREIGN KEY (`name`) REFERENCES `registered_models` (`name`) ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `model_versions` VALUES
('house prices',1,1795874639030,1795874639030,NULL,NULL,'None','mlflow-artifacts:/1/x/artifacts/model',NULL,'READY',NULL,NULL,'mlflow-artifacts:/1/x/artifacts/model');
CREATE TABLE `params` (
  `key` varchar(250) NOT NULL,
  `value` varchar(8000) NOT NULL,
  `run_uuid` varchar(32) NOT NULL,
  PRIMARY KEY (`key`,`run_uuid`),
  KEY `index_params_run_uuid` (`run_uuid`),
  CONSTRAINT `params_ibfk_1` FOREIGN KEY (`run_uuid`) REFERENCES `runs` (`run_uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `params` VALUES
('rate','0.0','3ae106c3aebf4b72b5f47dc11f7e8803'),
('rate','0.2','4614c90f009744ae973fb4ecc4dcb884'),
('rate','0.1','d48f5269ad514d5884aa9b0c374d9057');
CREATE TABLE `registered_model_aliases` (
  `alias` varchar(256) NOT NULL,
  `version` int(11) NOT NULL,
  `name` varchar(256) NOT NULL,
  PRIMARY KEY (`name`,`alias`),
  CONSTRAINT `registered_model_alias_name_fkey` FOREIGN KEY (`name`) REFERENCES `registered_models` (`name`) ON DELETE CASCADE ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `registered_model_aliases` VALUES
('champion',1,'house prices');
CREATE TABLE `registered_model_tags` (
  `key` varchar(250) NOT NULL,
  `value` varchar(5000) DEFAULT NULL,
  `name` varchar(256) NOT NULL,
  PRIMARY KEY (`key`,`name`),
  KEY `name` (`name`),
  CONSTRAINT `registered_model_tags_ibfk_1` FOREIGN KEY (`name`) REFERENCES `registered_models` (`name`) ON UPDATE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `registered_model_tags` VALUES
('stage','x','house prices');
CREATE TABLE `registered_models` (
  `name` varchar(256) NOT NULL,
  `creation_time` bigint(20) DEFAULT NULL,
  `last_updated_time` bigint(20) DEFAULT NULL,
  `description` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`name`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `registered_models` VALUES
('house prices',1795874638972,1795874639030,'old');
CREATE TABLE `runs` (
  `run_uuid` varchar(32) NOT NULL,
  `name` varchar(250) DEFAULT NULL,
  `source_type` varchar(20) DEFAULT NULL,
  `source_name` varchar(500) DEFAULT NULL,
  `entry_point_name` varchar(50) DEFAULT NULL,
  `user_id` varchar(256) DEFAULT NULL,
  `status` varchar(9) DEFAULT NULL,
  `start_time` bigint(20) DEFAULT NULL,
  `end_time` bigint(20) DEFAULT NULL,
  `source_version` varchar(50) DEFAULT NULL,
  `lifecycle_stage` varchar(20) DEFAULT NULL,
  `artifact_uri` varchar(200) DEFAULT NULL,
  `experiment_id` int(11) DEFAULT NULL,
  `deleted_time` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`run_uuid`),
  KEY `experiment_id` (`experiment_id`),
  CONSTRAINT `runs_ibfk_1` FOREIGN KEY (`experiment_id`) REFERENCES `experiments` (`experiment_id`),
  CONSTRAINT `source_type` CHECK (`source_type` in ('NOTEBOOK','JOB','LOCAL','UNKNOWN','PROJECT')),
  CONSTRAINT `runs_lifecycle_stage` CHECK (`lifecycle_stage` in ('active','deleted')),
  CONSTRAINT `CONSTRAINT_1` CHECK (`status` in ('SCHEDULED','FAILED','FINISHED','RUNNING','KILLED'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `runs` VALUES
('3ae106c3aebf4b72b5f47dc11f7e8803','run 0','UNKNOWN','','','unknown','FINISHED',1700000000000,1700000100000,'','active','mlflow-artifacts:/1/3ae106c3aebf4b72b5f47dc11f7e8803/artifacts',1,NULL),
('4614c90f009744ae973fb4ecc4dcb884','run 2','UNKNOWN','','','unknown','FINISHED',1700000000002,1700000100000,'','deleted','mlflow-artifacts:/1/4614c90f009744ae973fb4ecc4dcb884/artifacts',1,1795874638729),
('d48f5269ad514d5884aa9b0c374d9057','run 1','UNKNOWN','','','unknown','FINISHED',1700000000001,1700000100000,'','active','mlflow-artifacts:/1/d48f5269ad514d5884aa9b0c374d9057/artifacts',1,NULL);
CREATE TABLE `tags` (
  `key` varchar(250) NOT NULL,
  `value` varchar(5000) DEFAULT NULL,
  `run_uuid` varchar(32) NOT NULL,
  PRIMARY KEY (`key`,`run_uuid`),
  KEY `index_tags_run_uuid` (`run_uuid`),
  CONSTRAINT `tags_ibfk_1` FOREIGN KEY (`run_uuid`) REFERENCES `runs` (`run_uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `tags` VALUES
('mlflow.runName','run 0','3ae106c3aebf4b72b5f47dc11f7e8803'),
('mlflow.runName','run 2','4614c90f009744ae973fb4ecc4dcb884'),
('mlflow.runName','run 1','d48f5269ad514d5884aa9b0c374d9057'),
('note','äöü 日本','3ae106c3aebf4b72b5f47dc11f7e8803'),
('note','äöü 日本','4614c90f009744ae973fb4ecc4dcb884'),
('note','äöü 日本','d48f5269ad514d5884aa9b0c374d9057');
